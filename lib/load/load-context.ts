import type { S3Client } from '@aws-sdk/client-s3';
import type { DbPool } from '../db/pool.ts';
import type { ReaderOptions } from '../formats/reader/reader.ts';
import type { Logger } from '../log.ts';
import type { ArrivingFile } from './arriving-file.ts';
import type { AttemptProgress } from './attempt-progress.ts';
import type { ClaimedJob } from './job-record.ts';
import type { LoadSession } from './load-session.ts';

/** What a load needs from the process it runs in. */
export interface LoadContext {
  connectionString: string;
  /** For short statements beside the load: claims, progress, cancelling a statement. */
  pool: DbPool;
  storage: S3Client;
  workerId: string;
  /** Shown by PostgreSQL; how a successor finds the sessions of a dead worker. */
  applicationName: string;
  tempDirectory: string;
  maxFileBytes: number;
  /** A file of twice as many rows is staged in chunks of about so many. */
  chunkRows: number;
  /** Bytes of rows after which a second session copies beside the first. */
  sideLaneBytes: number;
  /** Asks workers with a free slot to help with a job's chunks. */
  callHelpers: (jobId: string, count: number) => Promise<void>;
  logger: Logger;
  /** Whether the queue tries this task again when it fails now. */
  isLastTry: boolean;
  /** Aborted when the process is asked to end. */
  shutdown: AbortSignal;
  /** Called at each named step; tests stop or kill the process there. */
  atStep: (step: string) => Promise<void> | void;
}

/** An attempt whose file is on its way. */
export interface Attempt {
  job: ClaimedJob;
  progress: AttemptProgress;
  session: LoadSession;
  arriving: ArrivingFile;
  readerOptions: ReaderOptions & { signal: AbortSignal };
}
