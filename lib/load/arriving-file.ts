import { writeFile } from 'node:fs/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DbPool } from '../db/pool.ts';
import { ReadTooSoonError, type SourceFile } from '../formats/reader/reader.ts';
import type { AttemptProgress } from './attempt-progress.ts';
import { fetchSource, sourceFileOf } from './fetch-source.ts';
import type { ClaimedJob } from './job-record.ts';

/** A job's file on its way. */
export interface ArrivingFile {
  /** It is there from the beginning, empty. */
  file: SourceFile;
  /** How long it will be. */
  bytes: number;
  /** Resolves when the first copy is here and right; rejects as `whole` does, or when the copy had to be made anew. */
  firstCopy: Promise<void>;
  /** Resolves when the file is here and is the one that was stored. */
  whole: Promise<void>;
  /** Ends the fetch, if it has not ended, and waits until nothing more is written. */
  stop(): Promise<void>;
}

/** What a fetch needs of the process it runs in. */
interface FetchContext {
  storage: S3Client;
  pool: DbPool;
  maxFileBytes: number;
  atStep: (step: string) => Promise<void> | void;
}

/** Starts fetching a job's file into a folder. What it came to is told by promises; nobody has to listen. */
export async function startFetch(
  { storage, pool, maxFileBytes, atStep }: FetchContext,
  job: ClaimedJob,
  progress: AttemptProgress,
  directory: string,
  signal: AbortSignal,
): Promise<ArrivingFile> {
  const file = sourceFileOf(job, directory);
  const bytes = job.fileSizeBytes;
  await writeFile(file.path, '', { mode: 0o600 });
  const copiedAgain = Promise.withResolvers<never>();
  const stopped = new AbortController();
  const fetch = async () => {
    const { sha256 } = await fetchSource(job, directory, {
      storage,
      maxFileBytes,
      signal: AbortSignal.any([signal, stopped.signal]),
      onBytes: (received) => progress.reach('reading', received / bytes),
      onCopyAgain: () => copiedAgain.reject(new ReadTooSoonError('The copy of the file was not right.')),
    });
    await pool.query('update carga.jobs set file_sha256 = $2 where id = $1 and attempt = $3', [
      job.id,
      sha256,
      job.attempt,
    ]);
    await atStep('fetched');
  };
  const whole = fetch();
  const firstCopy = Promise.race([whole, copiedAgain.promise]);
  whole.catch(() => {});
  firstCopy.catch(() => {});
  return {
    file,
    bytes,
    firstCopy,
    whole,
    async stop() {
      stopped.abort(new Error('The file is no longer wanted.'));
      await whole.catch(() => {});
    },
  };
}
