import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SourceFile } from '../formats/reader/reader.ts';
import { fetchObject } from '../storage/fetch-object.ts';
import type { ClaimedJob } from './job-record.ts';

/** What says which file is meant and what is known of it. */
export type SourceJob = Pick<
  ClaimedJob,
  'id' | 'bucket' | 'objectKey' | 'etag' | 'versionId' | 'fileSizeBytes' | 'fileSha256' | 'fileFormat' | 'options'
>;

/** What fetching needs of its surroundings. */
export interface SourceContext {
  storage: S3Client;
  maxFileBytes: number;
  signal: AbortSignal;
  onBytes?: (bytes: number) => void;
  onCopyAgain?: () => void;
}

/** Where a job's file will lie in a folder. */
export function sourceFileOf(job: SourceJob, directory: string): SourceFile {
  return {
    path: path.join(directory, 'source'),
    format: job.fileFormat,
    csv: job.options.csv as SourceFile['csv'],
  };
}

/**
 * Brings a job's file into a folder: the version that was seen when the job was enqueued, or nothing.
 * @throws AppError `source_changed`, `checksum_mismatch`, `storage_unavailable` …
 */
export async function fetchSource(
  job: SourceJob,
  directory: string,
  context: SourceContext,
): Promise<{ file: SourceFile; sha256: string }> {
  const file = sourceFileOf(job, directory);
  const object = {
    bucket: job.bucket,
    key: job.objectKey,
    etag: job.etag,
    versionId: job.versionId,
    sizeBytes: job.fileSizeBytes,
  };
  const { storage, maxFileBytes: maxBytes, signal, onBytes, onCopyAgain } = context;
  const options = { maxBytes, sha256: job.fileSha256, signal, onBytes, onCopyAgain };
  const sha256 = await fetchObject(storage, object, file.path, options);
  return { file, sha256 };
}
