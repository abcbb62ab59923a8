import 'server-only';
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import type { Upload } from '../db/generated/client.ts';
import { AppError } from '../errors.ts';
import { loadFigura } from '../figura/figura-registry.ts';
import type { Services } from '../services.ts';
import {
  abortMultipart,
  completeMultipart,
  createMultipart,
  deleteObject,
  headObject,
  listParts,
  PRESIGNED_SECONDS,
  presignPart,
  presignPut,
} from '../storage/bucket.ts';
import { PART_BYTES, UPLOAD_PREFIX } from '../storage/etag-hash.ts';
import { isUuid } from './paging.ts';
import type { CompletedUploadDto, CreateUploadDto, UploadDto, UploadTicketDto } from './schemas.ts';

/** The largest file that goes in one request. */
const SINGLE_PUT_BYTES = 64 * 1024 * 1024;
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** The file's name as part of a key: nothing that any file system, URL or shell would read as more than a name. */
function keySegment(fileName: string): string {
  const base = fileName.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const safe = base.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '_');
  return [...safe].slice(-80).join('') || 'arquivo';
}

/** Signs the way of one file into the bucket. @throws AppError `file_too_large`, `empty_file` */
export async function createUpload(
  services: Services,
  caller: Caller,
  figuraName: string,
  file: CreateUploadDto,
): Promise<UploadTicketDto> {
  const { env, pool, prisma, storage } = services;
  const figura = await loadFigura(pool, figuraName);
  const maxBytes = Math.min(env.MAX_FILE_BYTES, figura.maxFileBytes ?? Number.POSITIVE_INFINITY);
  if (file.size > maxBytes) {
    throw new AppError('file_too_large', 'over the limit', { details: { sizeBytes: file.size, maxBytes } });
  }
  const id = randomUUID();
  const contentType = file.contentType ?? DEFAULT_CONTENT_TYPE;
  const address = {
    bucket: env.S3_BUCKET,
    key: `${UPLOAD_PREFIX}${figuraName}/${caller.kind}-${caller.id}/${id}/${keySegment(file.fileName)}`,
  };
  const multipartId = file.size > SINGLE_PUT_BYTES ? await createMultipart(storage, address, contentType) : null;
  const upload = await prisma.$transaction(async (tx) => {
    await recordAudit(tx, caller, {
      action: 'upload.created',
      target: `upload:${id}`,
      after: { figura: figuraName, fileName: file.fileName, size: file.size, key: address.key },
    });
    return tx.upload.create({
      data: {
        id,
        figuraName,
        bucket: address.bucket,
        objectKey: address.key,
        fileName: file.fileName,
        sizeBytes: file.size,
        contentType,
        sha256: file.sha256?.toLowerCase() ?? null,
        multipartId,
        partSizeBytes: multipartId === null ? null : PART_BYTES,
        createdByKind: caller.kind,
        createdById: caller.id,
        createdByName: caller.name,
        expiresAt: inFifteenMinutes(),
      },
    });
  });
  return { ...describe(upload), ...(await sign(storage, upload)) };
}

const inFifteenMinutes = () => new Date(Date.now() + PRESIGNED_SECONDS * 1000);

const describe = (upload: Upload) => ({
  id: upload.id,
  url: `s3://${upload.bucket}/${upload.objectKey}`,
  expiresAt: upload.expiresAt.toISOString(),
});

/** Addresses to send a file to, valid from now on. */
async function sign(storage: Services['storage'], upload: Upload): Promise<Pick<UploadTicketDto, 'put' | 'multipart'>> {
  const { multipartId, contentType } = upload;
  const address = { bucket: upload.bucket, key: upload.objectKey };
  const sizeBytes = Number(upload.sizeBytes);
  if (multipartId === null) return { put: await presignPut(storage, address, { sizeBytes, contentType }) };
  const partSize = upload.partSizeBytes ?? PART_BYTES;
  const parts = await Promise.all(
    Array.from({ length: Math.ceil(sizeBytes / partSize) }, async (_part, index) => ({
      partNumber: index + 1,
      url: await presignPart(storage, address, {
        uploadId: multipartId,
        partNumber: index + 1,
        sizeBytes: Math.min(partSize, sizeBytes - index * partSize),
      }),
    })),
  );
  return { multipart: { partSize, parts } };
}

/**
 * An upload as it is now: fresh addresses while it is open, and the parts that the bucket has.
 * @throws AppError `upload_not_found`
 */
export async function resumeUpload(
  services: Services,
  caller: Caller,
  figuraName: string,
  id: string,
): Promise<UploadDto> {
  const { prisma, storage } = services;
  const found = await findUpload(services, caller, figuraName, id);
  if (found.status !== 'open') return { ...describe(found), status: found.status, uploaded: [] };
  // Whatever clears away uploads nobody goes on with must see that somebody does.
  const upload = await prisma.upload.update({ where: { id }, data: { expiresAt: inFifteenMinutes() } });
  const address = { bucket: upload.bucket, key: upload.objectKey };
  const uploaded = upload.multipartId === null ? [] : await listParts(storage, address, upload.multipartId);
  return { ...describe(upload), ...(await sign(storage, upload)), status: upload.status, uploaded };
}

async function findUpload(services: Services, caller: Caller, figuraName: string, id: string): Promise<Upload> {
  const upload = isUuid(id) ? await services.prisma.upload.findUnique({ where: { id } }) : null;
  const isTheirs = upload?.createdById === caller.id || caller.role === 'admin';
  if (!upload || upload.figuraName !== figuraName || !isTheirs) {
    throw new AppError('upload_not_found', `no upload ${id}`, { details: { id } });
  }
  return upload;
}

function requireOpen(upload: Upload): void {
  if (upload.status === 'open') return;
  const details = { status: upload.status };
  throw new AppError('upload_not_open', `upload ${upload.id} is ${upload.status}`, { details });
}

/** Puts the parts of a multipart upload together. @throws AppError `upload_not_found`, `part_mismatch` */
export async function completeUpload(
  services: Services,
  caller: Caller,
  figuraName: string,
  id: string,
  parts: { partNumber: number; etag: string }[],
): Promise<CompletedUploadDto> {
  const { prisma, storage } = services;
  const upload = await findUpload(services, caller, figuraName, id);
  const address = { bucket: upload.bucket, key: upload.objectKey };
  const url = `s3://${address.bucket}/${address.key}`;
  // Asked again after a lost answer: the answer is the same.
  if (upload.status === 'complete') return { id, url, size: Number(upload.sizeBytes), etag: upload.etag ?? '' };
  requireOpen(upload);
  if (upload.multipartId === null) throw new AppError('upload_not_open', 'not a multipart upload');
  const ordered = [...parts].sort((a, b) => a.partNumber - b.partNumber);
  let mismatch: unknown;
  await completeMultipart(storage, address, upload.multipartId, ordered).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'part_mismatch') throw error;
    mismatch = error;
  });
  // Put together before, by a call whose answer was lost: the object is there, and that is what counts.
  const object = await headObject(storage, address).catch((error: unknown) => Promise.reject(mismatch ?? error));
  if (object.sizeBytes !== Number(upload.sizeBytes)) {
    throw new AppError('part_mismatch', 'the parts make another size than was announced', {
      details: { expectedBytes: Number(upload.sizeBytes), foundBytes: object.sizeBytes },
    });
  }
  await prisma.$transaction(async (tx) => {
    await tx.upload.update({
      where: { id },
      data: { status: 'complete', etag: object.etag, finishedAt: new Date() },
    });
    await recordAudit(tx, caller, {
      action: 'upload.completed',
      target: `upload:${id}`,
      after: { figura: figuraName, size: object.sizeBytes, etag: object.etag },
    });
  });
  return { id, url, size: object.sizeBytes, etag: object.etag };
}

/** Gives an upload up; its parts are removed. */
export async function abortUpload(services: Services, caller: Caller, figuraName: string, id: string): Promise<void> {
  const { prisma, storage } = services;
  const upload = await findUpload(services, caller, figuraName, id);
  requireOpen(upload);
  const address = { bucket: upload.bucket, key: upload.objectKey };
  if (upload.multipartId === null) await deleteObject(storage, address);
  else await abortMultipart(storage, address, upload.multipartId);
  await prisma.$transaction(async (tx) => {
    await tx.upload.update({ where: { id }, data: { status: 'aborted', finishedAt: new Date() } });
    await recordAudit(tx, caller, {
      action: 'upload.aborted',
      target: `upload:${id}`,
      before: { figura: figuraName, fileName: upload.fileName },
    });
  });
}
