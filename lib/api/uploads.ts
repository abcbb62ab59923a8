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
import type { CompletedUploadDto, CompleteUploadDto, CreateUploadDto, UploadDto, UploadTicketDto } from './schemas.ts';

/** The largest file that goes in one request. */
const SINGLE_PUT_BYTES = 64 * 1024 * 1024;
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** The file's name as part of a key: nothing that any file system, URL or shell would read as more than a name. */
function keySegment(fileName: string): string {
  const base = fileName.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const safe = base.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^\.+/, '_');
  return [...safe].slice(-80).join('') || 'arquivo';
}

/**
 * Signs the way of one file into the bucket; of one that grows, nothing until its parts are there.
 * @throws AppError `file_too_large`
 */
export async function createUpload(
  services: Services,
  caller: Caller,
  figuraName: string,
  file: CreateUploadDto,
): Promise<UploadTicketDto> {
  const { env, pool, prisma, storage } = services;
  const figura = await loadFigura(pool, figuraName);
  const sizeBytes = file.growing ? null : file.size;
  requireWithinLimit(sizeBytes ?? 0, limitOf(services, figura.maxFileBytes));
  const id = randomUUID();
  const contentType = file.contentType ?? DEFAULT_CONTENT_TYPE;
  const address = {
    bucket: env.S3_BUCKET,
    key: `${UPLOAD_PREFIX}${figuraName}/${caller.kind}-${caller.id}/${id}/${keySegment(file.fileName)}`,
  };
  const isMultipart = sizeBytes === null || sizeBytes > SINGLE_PUT_BYTES;
  const multipartId = isMultipart ? await createMultipart(storage, address, contentType) : null;
  const upload = await prisma.$transaction(async (tx) => {
    await recordAudit(tx, caller, {
      action: 'upload.created',
      target: `upload:${id}`,
      after: { figura: figuraName, fileName: file.fileName, size: sizeBytes, key: address.key },
    });
    return tx.upload.create({
      data: {
        id,
        figuraName,
        bucket: address.bucket,
        objectKey: address.key,
        fileName: file.fileName,
        sizeBytes,
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
  return { ...describe(upload), ...(await sign(storage, upload, sizeBytes ?? 0)) };
}

function limitOf({ env }: Services, ofFigura: number | bigint | null | undefined): number {
  return Math.min(env.MAX_FILE_BYTES, Number(ofFigura ?? Number.POSITIVE_INFINITY));
}

function requireWithinLimit(sizeBytes: number, maxBytes: number): void {
  if (sizeBytes <= maxBytes) return;
  throw new AppError('file_too_large', 'over the limit', { details: { sizeBytes, maxBytes } });
}

/** The size as it was announced, or of a growing upload as it is told now; 0 for none. @throws AppError `file_too_large` */
async function sizeSoFar(services: Services, upload: Upload, toldBytes: number | undefined): Promise<number> {
  if (upload.sizeBytes !== null) return Number(upload.sizeBytes);
  if (toldBytes === undefined) return 0;
  const where = { name: upload.figuraName };
  const figura = await services.prisma.figura.findUnique({ where, select: { maxFileBytes: true } });
  requireWithinLimit(toldBytes, limitOf(services, figura?.maxFileBytes));
  return toldBytes;
}

const inFifteenMinutes = () => new Date(Date.now() + PRESIGNED_SECONDS * 1000);

const addressOf = (upload: Upload) => ({ bucket: upload.bucket, key: upload.objectKey });

const describe = (upload: Upload) => ({
  id: upload.id,
  url: `s3://${upload.bucket}/${upload.objectKey}`,
  expiresAt: upload.expiresAt.toISOString(),
});

/** Number and size of every part that so many bytes make: full ones, and what is left. */
function partsOf(sizeBytes: number, partSize: number): { partNumber: number; size: number }[] {
  return Array.from({ length: Math.ceil(sizeBytes / partSize) }, (_part, index) => ({
    partNumber: index + 1,
    size: Math.min(partSize, sizeBytes - index * partSize),
  }));
}

/** Addresses to send a file of that size to, valid from now on; of one that grows without the parts that are there. */
async function sign(
  storage: Services['storage'],
  upload: Upload,
  sizeBytes: number,
  uploaded: UploadDto['uploaded'] = [],
): Promise<Pick<UploadTicketDto, 'put' | 'multipart'>> {
  const { multipartId, contentType } = upload;
  const address = addressOf(upload);
  if (multipartId === null) return { put: await presignPut(storage, address, { sizeBytes, contentType }) };
  const partSize = upload.partSizeBytes ?? PART_BYTES;
  const isThere = ({ partNumber, size }: { partNumber: number; size: number }) =>
    upload.sizeBytes === null && uploaded.some((part) => part.partNumber === partNumber && part.size === size);
  const parts = await Promise.all(
    partsOf(sizeBytes, partSize)
      .filter((part) => !isThere(part))
      .map(async ({ partNumber, size }) => ({
        partNumber,
        url: await presignPart(storage, address, { uploadId: multipartId, partNumber, sizeBytes: size }),
      })),
  );
  return { multipart: { partSize, parts } };
}

/**
 * An upload as it is now: fresh addresses while it is open, and the parts that the bucket has. `toldBytes` are those
 * that there are of a growing one. @throws AppError `upload_not_found`, `file_too_large`
 */
export async function resumeUpload(
  services: Services,
  caller: Caller,
  figuraName: string,
  id: string,
  toldBytes: number | undefined,
): Promise<UploadDto> {
  const { prisma, storage } = services;
  const found = await findUpload(services, caller, figuraName, id);
  const size = found.sizeBytes === null ? null : Number(found.sizeBytes);
  if (found.status !== 'open') return { ...describe(found), size, status: found.status, uploaded: [] };
  const sizeBytes = await sizeSoFar(services, found, toldBytes);
  // Whatever clears away uploads nobody goes on with must see that somebody does.
  const upload = await prisma.upload.update({ where: { id }, data: { expiresAt: inFifteenMinutes() } });
  const address = addressOf(upload);
  const uploaded = upload.multipartId === null ? [] : await listParts(storage, address, upload.multipartId);
  const addresses = await sign(storage, upload, sizeBytes, uploaded);
  return { ...describe(upload), ...addresses, size, status: upload.status, uploaded };
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

/**
 * Puts the parts of a multipart upload together; a growing one is told its size.
 * @throws AppError `upload_not_found`, `part_mismatch`, `file_too_large`
 */
export async function completeUpload(
  services: Services,
  caller: Caller,
  figuraName: string,
  id: string,
  { parts, size }: CompleteUploadDto,
): Promise<CompletedUploadDto> {
  const { prisma, storage } = services;
  const upload = await findUpload(services, caller, figuraName, id);
  const address = addressOf(upload);
  const url = `s3://${address.bucket}/${address.key}`;
  // Asked again after a lost answer: the answer is the same.
  if (upload.status === 'complete') return { id, url, size: Number(upload.sizeBytes), etag: upload.etag ?? '' };
  requireOpen(upload);
  if (upload.multipartId === null) throw new AppError('upload_not_open', 'not a multipart upload');
  const sizeBytes = await sizeSoFar(services, upload, size);
  const ordered = [...parts].sort((a, b) => a.partNumber - b.partNumber);
  if (upload.sizeBytes === null) await requireWholeParts(storage, upload, ordered, sizeBytes);
  let mismatch: unknown;
  await completeMultipart(storage, address, upload.multipartId, ordered).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'part_mismatch') throw error;
    mismatch = error;
  });
  // Put together before, by a call whose answer was lost: the object is there, and that is what counts.
  const object = await headObject(storage, address).catch((error: unknown) => Promise.reject(mismatch ?? error));
  if (object.sizeBytes !== sizeBytes) {
    throw new AppError('part_mismatch', 'the parts make another size than was announced', {
      details: { expectedBytes: sizeBytes, foundBytes: object.sizeBytes },
    });
  }
  await prisma.$transaction(async (tx) => {
    await tx.upload.update({
      where: { id },
      data: { status: 'complete', sizeBytes, etag: object.etag, finishedAt: new Date() },
    });
    await recordAudit(tx, caller, {
      action: 'upload.completed',
      target: `upload:${id}`,
      after: { figura: figuraName, size: object.sizeBytes, etag: object.etag },
    });
  });
  return { id, url, size: object.sizeBytes, etag: object.etag };
}

/**
 * Each part of a growing upload was signed before its size was known: before they become a file, they must be those of
 * one. Parts that are gone were put together before, by a call whose answer was lost.
 */
async function requireWholeParts(
  storage: Services['storage'],
  upload: Upload,
  named: CompleteUploadDto['parts'],
  sizeBytes: number,
): Promise<void> {
  const address = addressOf(upload);
  const there = await listParts(storage, address, upload.multipartId ?? '').catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'upload_not_found') return null;
    throw error;
  });
  const sizes = new Map(there?.map(({ partNumber, size }) => [partNumber, size]));
  const expected = partsOf(sizeBytes, upload.partSizeBytes ?? PART_BYTES);
  const isWhole =
    expected.length === named.length &&
    expected.every(
      ({ partNumber, size }, index) =>
        named[index]?.partNumber === partNumber && (there === null || sizes.get(partNumber) === size),
    );
  if (isWhole) return;
  const foundBytes = named.reduce((sum, { partNumber }) => sum + (sizes.get(partNumber) ?? 0), 0);
  throw new AppError('part_mismatch', 'the parts make another size than was told', {
    details: { expectedBytes: sizeBytes, foundBytes },
  });
}

/** Gives an upload up; its parts are removed. */
export async function abortUpload(services: Services, caller: Caller, figuraName: string, id: string): Promise<void> {
  const { prisma, storage } = services;
  const upload = await findUpload(services, caller, figuraName, id);
  requireOpen(upload);
  const address = addressOf(upload);
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
