import 'server-only';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import type { Queryable } from '../db/pool.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { FormatFault } from '../formats/format-fault.ts';
import { restoreFile, type SourceFile } from '../formats/reader/reader.ts';
import type { FileFormat } from '../job/job-states.ts';
import { makeTempFolder } from '../process/temp-folder.ts';
import type { Services } from '../services.ts';
import { type ObjectVersion, openObject } from '../storage/bucket.ts';
import { fetchObject } from '../storage/fetch-object.ts';
import type { JobRow } from './job-dto.ts';

/** A file on its way to a caller. */
export interface OutgoingFile {
  stream: ReadableStream<Uint8Array>;
  fileName: string;
  contentType: string;
}

const CONTENT_TYPES: Record<FileFormat | 'xlsx', string> = {
  parquet: 'application/vnd.apache.parquet',
  avro: 'application/avro',
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Media type of a format. */
export function contentTypeOf(format: keyof typeof CONTENT_TYPES): string {
  return CONTENT_TYPES[format];
}

/** A file's name without its format; one that a page converted still has the name of what it was (`x.csv.parquet`). */
export function baseNameOf(fileName: string): string {
  return fileName.replace(/(\.(csv|tsv|txt|json|ndjson|jsonl|xlsx|xlsm))?\.[a-z0-9]+$/i, '');
}

/** How the job was told to read its CSV; what it was not told is detected again. */
function csvOptionsOf(job: JobRow): SourceFile['csv'] {
  return job.options.csv as SourceFile['csv'];
}

/** A folder that goes when `stream` is done, however it ends. */
async function inTempFolder<T>(
  root: string | undefined,
  work: (folder: string, removeLater: (stream: Readable) => void) => Promise<T>,
): Promise<T> {
  const folder = await makeTempFolder('web', root);
  const remove = () => rm(folder, { recursive: true, force: true });
  let isKept = false;
  try {
    return await work(folder, (stream) => {
      isKept = true;
      stream.once('close', () => void remove());
    });
  } finally {
    if (!isKept) await remove();
  }
}

/** A Node stream as the web's. */
export function toWebStream(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as unknown as ReadableStream<Uint8Array>;
}

/**
 * The file of a job: as it was sent, or in another format; Parquet made from JSON comes back as the JSON it was.
 * @param format null: the very bytes that were sent
 * @throws AppError `too_busy` when more files are being restored than may
 */
export async function openJobFile(
  services: Services,
  job: JobRow,
  format: FileFormat | null,
  signal: AbortSignal,
): Promise<OutgoingFile> {
  const { storage, env, restores } = services;
  const address = { bucket: job.bucket, key: job.objectKey };
  const object: ObjectVersion = {
    ...address,
    etag: job.etag,
    versionId: job.versionId,
    sizeBytes: job.fileSizeBytes,
  };
  const baseName = baseNameOf(job.fileName);
  if (format === null || format === job.fileFormat) {
    const { body } = await openObject(storage, object, { signal });
    return { stream: toWebStream(body), fileName: job.fileName, contentType: contentTypeOf(job.fileFormat) };
  }
  const restore = async (folder: string, removeLater: (stream: Readable) => void): Promise<OutgoingFile> => {
    const source = path.join(folder, 'source');
    const output = path.join(folder, 'output');
    await fetchObject(storage, object, source, { maxBytes: env.MAX_FILE_BYTES, sha256: job.fileSha256, signal });
    try {
      await restoreFile({ path: source, format: job.fileFormat, csv: csvOptionsOf(job) }, format, output, {
        tempDirectory: folder,
        signal,
      });
    } catch (error) {
      if (!(error instanceof FormatFault)) throw error;
      throw new AppError(error.code satisfies ErrorCode, error.message, {
        details: { detail: error.detail },
        cause: error,
      });
    }
    const stream = createReadStream(output);
    removeLater(stream);
    return { stream: toWebStream(stream), fileName: `${baseName}.${format}`, contentType: contentTypeOf(format) };
  };
  return restores.take(signal, () => inTempFolder(env.CARGA_TEMP_DIR, restore));
}

/** Headers of a download; the name also in RFC 5987's form, for everything beyond ASCII. */
export function downloadHeaders(file: Pick<OutgoingFile, 'fileName' | 'contentType'>): Record<string, string> {
  const ascii = file.fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  return {
    'content-type': file.contentType,
    'content-disposition': `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(file.fileName)}`,
    'x-content-type-options': 'nosniff',
  };
}

/** Writes down that data left the service; who reads rows on a page is not written down. */
export function recordDownload(
  db: Queryable,
  caller: Caller,
  job: Pick<JobRow, 'id' | 'figura'>,
  action: 'job.file_downloaded' | 'job.errors_downloaded',
  format: string | null,
): Promise<void> {
  return recordAudit(db, caller, { action, target: `job:${job.id}`, after: { figura: job.figura, format } });
}
