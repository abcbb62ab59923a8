import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AppError } from '../errors.ts';
import type { ObjectAddress } from './source-url.ts';

/** One version of an object. */
export interface ObjectVersion extends ObjectAddress {
  /** Without quotes. */
  etag: string;
  versionId: string | null;
  sizeBytes: number;
}

/** Settings of the bucket; credentials come from the AWS SDK's own variables. */
export interface StorageSettings {
  AWS_REGION: string;
  AWS_ENDPOINT_URL_S3?: string;
}

/** The longest a presigned address lives. */
export const PRESIGNED_SECONDS = 15 * 60;

// A bucket on the same continent connects within a second; putting 5 GiB of parts together may take half a minute.
const CONNECTION_TIMEOUT_MS = 5000;
const ANSWER_TIMEOUT_MS = 60_000;
/** A body that brings nothing for so long has stalled. */
export const STALLED_AFTER_MS = 30_000;

/** Makes the S3 client. */
export function createStorage(settings: StorageSettings): S3Client {
  return new S3Client({
    region: settings.AWS_REGION,
    endpoint: settings.AWS_ENDPOINT_URL_S3,
    // Every server but AWS's own is addressed by path: its buckets have no names in the DNS.
    forcePathStyle: settings.AWS_ENDPOINT_URL_S3 !== undefined,
    // Otherwise a presigned PUT carries the checksum of an empty body and refuses every file.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

/** What the bucket's client threw, as a fault of ours. */
export function storageError(error: unknown, address: Partial<ObjectAddress>): unknown {
  if (error instanceof AppError) return error;
  const details = { url: `s3://${address.bucket ?? ''}/${address.key ?? ''}` };
  if (error instanceof S3ServiceException) {
    const status = error.$metadata.httpStatusCode ?? 0;
    if (status === 404) return new AppError('source_not_found', error.message, { details, cause: error });
    if (status === 412) return new AppError('source_changed', error.message, { details, cause: error });
    if (status === 403) {
      return new AppError('source_not_allowed', error.message, {
        details: { ...details, reason: 'access_denied' },
        cause: error,
      });
    }
  }
  return new AppError('storage_unavailable', error instanceof Error ? error.message : String(error), { cause: error });
}

async function send<T>(address: Partial<ObjectAddress>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageError(error, address);
  }
}

const unquote = (etag: string | undefined) => (etag ?? '').replaceAll('"', '');

/** Version and size of an object as it is now. @throws AppError `source_not_found`, `storage_unavailable` */
export async function headObject(s3: S3Client, address: ObjectAddress): Promise<ObjectVersion> {
  const head = await send(address, () => s3.send(new HeadObjectCommand({ Bucket: address.bucket, Key: address.key })));
  return {
    ...address,
    etag: unquote(head.ETag),
    // A bucket without versions answers "null" or nothing.
    versionId: head.VersionId && head.VersionId !== 'null' ? head.VersionId : null,
    sizeBytes: head.ContentLength ?? 0,
  };
}

/**
 * Opens exactly this version. `encryption` is what S3 calls the keys it is stored with.
 * @throws AppError `source_changed` when it is another one now
 */
export async function openObject(
  s3: S3Client,
  object: ObjectVersion,
  options: { range?: { first: number; last: number }; signal?: AbortSignal } = {},
): Promise<{ body: Readable; encryption: string | undefined }> {
  const { range, signal } = options;
  const answer = await send(object, () =>
    s3.send(
      new GetObjectCommand({
        Bucket: object.bucket,
        Key: object.key,
        IfMatch: `"${object.etag}"`,
        VersionId: object.versionId ?? undefined,
        Range: range && `bytes=${range.first}-${range.last}`,
      }),
      { abortSignal: signal },
    ),
  );
  const encryption = answer.SSECustomerAlgorithm ?? answer.ServerSideEncryption;
  return { body: answer.Body as Readable, encryption };
}

/** The first bytes of an object, at most `maxBytes`. @throws AppError `source_changed`, `storage_unavailable` */
export async function readHead(s3: S3Client, object: ObjectVersion, maxBytes: number): Promise<Uint8Array> {
  if (object.sizeBytes === 0) return new Uint8Array();
  const last = Math.min(maxBytes, object.sizeBytes) - 1;
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const { body } = await openObject(s3, object, { range: { first: 0, last }, signal });
  // The client's own limit ends with the first line of the answer.
  signal.addEventListener('abort', () => body.destroy(signal.reason), { once: true });
  const chunks: Buffer[] = [];
  await send(object, async () => {
    for await (const chunk of body) chunks.push(chunk as Buffer);
  });
  return Buffer.concat(chunks);
}

/** A presigned PUT for one file of exactly this size and type. Headers: what the client has to send. */
export async function presignPut(
  s3: S3Client,
  address: ObjectAddress,
  file: { sizeBytes: number; contentType: string },
): Promise<{ url: string; headers: Record<string, string> }> {
  const command = new PutObjectCommand({
    Bucket: address.bucket,
    Key: address.key,
    ContentLength: file.sizeBytes,
    ContentType: file.contentType,
  });
  const url = await getSignedUrl(s3, command, {
    expiresIn: PRESIGNED_SECONDS,
    // The presigner leaves the type out of the signature unless told.
    signableHeaders: new Set(['content-type', 'content-length', 'host']),
  });
  return { url, headers: { 'content-type': file.contentType } };
}

/** Begins a multipart upload. @returns its id in the bucket */
export async function createMultipart(s3: S3Client, address: ObjectAddress, contentType: string): Promise<string> {
  const answer = await send(address, () =>
    s3.send(new CreateMultipartUploadCommand({ Bucket: address.bucket, Key: address.key, ContentType: contentType })),
  );
  return answer.UploadId as string;
}

/** A presigned PUT for one part of exactly this size. */
export function presignPart(
  s3: S3Client,
  address: ObjectAddress,
  part: { uploadId: string; partNumber: number; sizeBytes: number },
): Promise<string> {
  const command = new UploadPartCommand({
    Bucket: address.bucket,
    Key: address.key,
    UploadId: part.uploadId,
    PartNumber: part.partNumber,
    ContentLength: part.sizeBytes,
  });
  return getSignedUrl(s3, command, {
    expiresIn: PRESIGNED_SECONDS,
    signableHeaders: new Set(['content-length', 'host']),
  });
}

/** The parts of a multipart upload that the bucket has, in order. @throws AppError `upload_not_found` */
export async function listParts(
  s3: S3Client,
  address: ObjectAddress,
  uploadId: string,
): Promise<{ partNumber: number; etag: string; size: number }[]> {
  const parts: { partNumber: number; etag: string; size: number }[] = [];
  let marker: string | undefined;
  do {
    const command = new ListPartsCommand({
      Bucket: address.bucket,
      Key: address.key,
      UploadId: uploadId,
      PartNumberMarker: marker,
    });
    const page = await s3.send(command).catch((error) => {
      // The bucket clears away what nobody completes.
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) {
        throw new AppError('upload_not_found', error.message, { cause: error });
      }
      throw storageError(error, address);
    });
    for (const { PartNumber, ETag, Size } of page.Parts ?? []) {
      parts.push({ partNumber: PartNumber ?? 0, etag: unquote(ETag), size: Size ?? 0 });
    }
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

/** Puts the parts together. @throws AppError `part_mismatch` when they are not what the bucket has */
export async function completeMultipart(
  s3: S3Client,
  address: ObjectAddress,
  uploadId: string,
  parts: { partNumber: number; etag: string }[],
): Promise<void> {
  try {
    await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket: address.bucket,
        Key: address.key,
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: `"${unquote(etag)}"` })),
        },
      }),
    );
  } catch (error) {
    const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
    if (status >= 400 && status < 500) {
      throw new AppError('part_mismatch', (error as Error).message, { cause: error });
    }
    throw storageError(error, address);
  }
}

/** Gives a multipart upload up; its parts are removed. One that is gone already is fine. */
export async function abortMultipart(s3: S3Client, address: ObjectAddress, uploadId: string): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: address.bucket, Key: address.key, UploadId: uploadId }));
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return;
    throw storageError(error, address);
  }
}

/** Removes an object; one that is gone already is fine. */
export async function deleteObject(s3: S3Client, address: ObjectAddress): Promise<void> {
  await send(address, () => s3.send(new DeleteObjectCommand({ Bucket: address.bucket, Key: address.key })));
}

/** Whether the bucket answers. @throws AppError `storage_unavailable` */
export async function checkBucket(s3: S3Client, bucket: string): Promise<void> {
  await send({ bucket }, () => s3.send(new HeadBucketCommand({ Bucket: bucket })));
}
