import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DbPool } from '../db/pool.ts';
import { asAppError, isDatabaseError, SQLSTATE } from '../db/sqlstate.ts';
import { withPoolTransaction, withTransaction } from '../db/transaction.ts';
import { AppError, type ErrorCode, isRetryable } from '../errors.ts';
import type { Figura } from '../figura/figura.ts';
import { loadFigura } from '../figura/figura-registry.ts';
import { columnNamesOf, mapColumns } from '../figura/map-columns.ts';
import { isUniqueKey } from '../figura/read-table.ts';
import { FormatFault } from '../formats/format-fault.ts';
import {
  describeFile,
  type FileDescription,
  openCopyRows,
  type ReaderOptions,
  readRowsAgain,
  type SourceFile,
  startReaderAhead,
} from '../formats/reader/reader.ts';
import type { Logger } from '../log.ts';
import { AttemptProgress, roundTimings } from './attempt-progress.ts';
import { refersToItself } from './check-rows.ts';
import { planChunks } from './chunk-plan.ts';
import { dropStages } from './create-stage.ts';
import { fetchSource, sourceFileOf } from './fetch-source.ts';
import { finishLoad, rowsWithoutEffect } from './finish-load.ts';
import {
  addJobEvent,
  CancelledError,
  type ClaimedJob,
  claimJob,
  endJob,
  enterFinalTransaction,
  FencedError,
  type JobEnd,
  lockFigura,
  releaseJob,
} from './job-record.ts';
import { copyColumnsOf, type LoadPlan, planLoad } from './load-plan.ts';
import { type LoadSession, openLoadSession } from './load-session.ts';
import { countFaultyRows } from './record-rows.ts';
import { createFaultList } from './reject-rows.ts';
import { createRowData, type ReadAgain } from './row-data.ts';
import { ShutdownError } from './shutdown-error.ts';
import { createKeptKeys } from './snapshot.ts';
import { stageInChunks } from './stage-in-chunks.ts';
import { type StagedRows, stageRows } from './stage-rows.ts';
import { validateRows } from './validate-rows.ts';
import { watchRows } from './watch-rows.ts';

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

// PostgreSQL's largest integer: the stages of all attempts.
const NEWEST_ATTEMPT = 2_147_483_647;
/**
 * Runs one attempt at a job: fetch, stage, check, merge. Returns when the job has ended, however it ended; throws when
 * the queue is to try again.
 */
export async function runLoad(context: LoadContext, jobId: string): Promise<void> {
  const { pool, logger } = context;
  const job = await withPoolTransaction(pool, (db) => claimJob(db, jobId, context.workerId));
  if (!job) {
    // It has ended, maybe in a worker that died right after: what that one left is removed.
    await dropStages(pool, jobId, 0, NEWEST_ATTEMPT);
    return;
  }
  const log = logger.child({ jobId, attempt: job.attempt, figura: job.figura });
  await context.atStep('claimed');
  const abort = new AbortController();
  const onShutdown = () => abort.abort(new ShutdownError('the worker is ending'));
  context.shutdown.addEventListener('abort', onShutdown, { once: true });
  if (context.shutdown.aborted) onShutdown();
  const progress = new AttemptProgress(pool, job, abort);
  progress.start();
  try {
    await runAttempt(context, job, progress, abort.signal);
    log.info('job ended');
  } catch (thrown) {
    await progress.stop();
    const error = abort.signal.aborted ? abort.signal.reason : asFault(thrown);
    if (error instanceof FencedError) {
      log.warn('attempt was taken over', { error });
      // Thrown, not returned: the queue would delete the task, which is the successor's by now. A failure of a task
      // that somebody else holds has no effect.
      throw error;
    }
    if (error instanceof CancelledError) {
      await endWithoutEffect(context, job, progress, { status: 'cancelled' });
      log.info('job cancelled');
      return;
    }
    const again = error instanceof ShutdownError || (isRetryable(error) && !context.isLastTry);
    if (again) {
      const code = error instanceof AppError ? error.code : error instanceof ShutdownError ? 'shutdown' : 'internal';
      log.warn('attempt failed and will be repeated', { error });
      await releaseJob(pool, job.id, job.attempt, code);
      throw error;
    }
    log.error('job failed', { error });
    const end: JobEnd =
      error instanceof AppError
        ? { status: 'error', code: error.code, details: error.details }
        : { status: 'error', code: 'internal', details: {} };
    await endWithoutEffect(context, job, progress, end);
  } finally {
    context.shutdown.removeEventListener('abort', onShutdown);
    await progress.stop();
    await dropStages(pool, job.id, job.attempt, job.attempt).catch((error) => log.warn('stage not dropped', { error }));
  }
}

function asFault(error: unknown): unknown {
  if (error instanceof FormatFault) {
    const { code, detail, line, column, row } = error;
    const place = { line, column, row };
    return new AppError(code satisfies ErrorCode, error.message, { details: { detail, ...place }, cause: error });
  }
  const fault = asAppError(error);
  // A table that vanished meanwhile: the next attempt finds out which, and says so.
  if (isDatabaseError(fault) && fault.code === SQLSTATE.undefinedTable) return fault;
  if (isDatabaseError(fault) && /^(22|23|42|44|55000|P0|0A)/.test(fault.code)) {
    // The table refuses the load as a whole: a missing right, a rule, a trigger, a publication. Trying again is no use.
    const details = { reason: fault.message, sqlstate: fault.code };
    return new AppError('target_refused', fault.message, { details, cause: fault });
  }
  return fault;
}

async function endWithoutEffect(context: LoadContext, job: ClaimedJob, progress: AttemptProgress, end: JobEnd) {
  await withPoolTransaction(context.pool, async (db) => {
    // The figura's lock is not needed: the table is not touched.
    const rows = rowsWithoutEffect(progress.rowsRead, 0);
    await endJob(db, job, end, rows, roundTimings(progress.timings));
  });
}

async function runAttempt(context: LoadContext, job: ClaimedJob, progress: AttemptProgress, signal: AbortSignal) {
  const directory = await mkdtemp(path.join(context.tempDirectory, 'job-'));
  const options = { tempDirectory: directory, signal };
  const ahead = startReaderAhead(job.fileFormat, options);
  try {
    const session = await openLoadSession(context, signal);
    try {
      const readerOptions = { ...options, ahead };
      const arriving = await describeArriving(context, job, readerOptions);
      const fetched = await fetchJobFile(context, job, progress, directory, signal, arriving.giveUp);
      await context.atStep('fetched');
      await loadFile(context, { job, progress, session, fetched, arriving, readerOptions });
    } finally {
      await session.close();
    }
  } finally {
    ahead.end();
    await rm(directory, { recursive: true, force: true });
  }
}

/** An attempt that has its file. */
interface Attempt {
  job: ClaimedJob;
  progress: AttemptProgress;
  session: LoadSession;
  fetched: SourceFile;
  arriving: ArrivingFile;
  readerOptions: ReaderOptions & { signal: AbortSignal };
}

async function loadFile(context: LoadContext, attempt: Attempt): Promise<void> {
  const { job, progress, session, fetched, arriving, readerOptions } = attempt;
  const { db, serverVersion } = session;
  const { chunkRows } = context;
  const description = await (arriving.description ?? describeFile(fetched, { ...readerOptions, chunkRows }));
  await addJobEvent(context.pool, job.id, job.attempt, 'described', {
    writtenAs: description.note?.format ?? job.fileFormat,
    csv: description.csv ?? description.note?.csv ?? null,
  });
  progress.rowsTotal = description.rowCount;
  // Detected once: to tell an encoding the whole file is read.
  const file: SourceFile = description.csv ? { ...fetched, csv: description.csv } : fetched;
  const figura = await loadFigura(db, job.figura);
  if (job.options.mode !== 'append') requireKey(figura);
  const fileColumns = columnNamesOf(description, figura, job.options.mapping);
  const mapping = mapColumns(fileColumns, figura, job.options.mapping, job.options.mode !== 'append');
  const planned = planLoad({ jobId: job.id, attempt: job.attempt, figura, mapping, options: job.options });
  const again = path.join(readerOptions.tempDirectory, 'again');
  const readAgain: ReadAgain = (rows) => readRowsAgain(file, copyColumnsOf(planned), rows, again, readerOptions);

  await progress.enter('staging');
  await dropStages(db, job.id, 0, job.attempt - 1);
  await createFaultList(db);
  await createRowData(db);
  await createKeptKeys(db, planned);
  await context.atStep('staging');
  const { plan, staged } = await stageFile(context, { ...attempt, file }, planned, description);
  progress.rowsRead = staged.read;
  progress.rowsTotal = staged.read;
  await context.atStep('staged');

  await progress.enter('validating');
  // A load of the same figura may be about to bring the row that one of ours refers to.
  if (refersToItself(plan)) await lockFigura(db, job.figura);
  const hasDeletes = await validateRows(db, plan, staged, () => openLoadSession(context, readerOptions.signal));
  const faulty = await countFaultyRows(db);
  progress.rowsRejected = faulty.rejected;
  progress.rowsSkipped = faulty.skipped;
  await context.atStep('validated');

  await progress.enter('merging');
  await withTransaction(db, async () => {
    await enterFinalTransaction(db, job);
    await finishLoad(db, {
      atStep: context.atStep,
      signal: readerOptions.signal,
      job,
      plan,
      progress,
      read: staged.read,
      hasDeletes,
      serverVersion,
      fileColumns,
      readAgain,
    });
    await context.atStep('before_commit');
  });
  await context.atStep('committed');
}

async function stageFile(
  context: LoadContext,
  attempt: Attempt & { file: SourceFile },
  plan: LoadPlan,
  description: FileDescription,
): Promise<{ plan: LoadPlan; staged: StagedRows }> {
  const { job, progress, session, file, readerOptions } = attempt;
  if (description.chunks) {
    const { pool, workerId, callHelpers, atStep } = context;
    const fileColumns = description.columns.map(({ name }) => name);
    const chunkPlan = planChunks(plan, fileColumns, description.csv ?? null);
    const { signal } = readerOptions;
    const { chunks } = description;
    const work = { job, session, pool, file, readerOptions, workerId, progress, signal, callHelpers, atStep };
    return stageInChunks({ ...work, plan, chunkPlan, chunks });
  }
  const staged = await stageRows(session.db, plan, session.serverVersion, () => {
    progress.rowsRead = 0;
    return watchRows(
      openCopyRows(file, copyColumnsOf(plan), readerOptions),
      (row) => {
        progress.rowsRead = row;
        if (progress.rowsTotal) progress.share = row / progress.rowsTotal;
      },
      () => void context.atStep('copying'),
    );
  });
  return { plan, staged };
}

/** A file that is described while it is fetched. */
interface ArrivingFile {
  /** Null where that has to wait for the file. */
  description: Promise<FileDescription> | null;
  /** The bytes read so far may be wrong. */
  giveUp: () => void;
}

/** Formats read from their front are described as they arrive: CSV and JSON are looked through whole. */
async function describeArriving(
  { chunkRows }: LoadContext,
  job: ClaimedJob,
  options: ReaderOptions,
): Promise<ArrivingFile> {
  const arriving: ArrivingFile = { description: null, giveUp: () => {} };
  if (job.fileFormat === 'parquet' || job.fileFormat === 'avro') return arriving;
  const file = sourceFileOf(job, options.tempDirectory);
  await writeFile(file.path, '', { mode: 0o600 });
  const description = describeFile(file, { ...options, chunkRows, arrivingBytes: job.fileSizeBytes });
  // Somebody listens once the file is here; a fault of the fetch comes first.
  description.catch(() => {});
  const giveUp = () => {
    arriving.description = null;
    options.ahead?.end();
  };
  return Object.assign(arriving, { description, giveUp });
}

async function fetchJobFile(
  context: LoadContext,
  job: ClaimedJob,
  progress: AttemptProgress,
  directory: string,
  signal: AbortSignal,
  onCopyAgain: () => void,
): Promise<SourceFile> {
  const { storage, maxFileBytes } = context;
  const onBytes = (bytes: number) => {
    progress.share = bytes / job.fileSizeBytes;
  };
  const fetching = { storage, maxFileBytes, signal, onBytes, onCopyAgain };
  const { file, sha256 } = await fetchSource(job, directory, fetching);
  await context.pool.query('update carga.jobs set file_sha256 = $2 where id = $1 and attempt = $3', [
    job.id,
    sha256,
    job.attempt,
  ]);
  return file;
}

/** Without a unique index over the key two rows of the table could answer to one of the file. */
function requireKey(figura: Figura): void {
  const key = figura.keyColumns;
  if (key.length > 0 && isUniqueKey(figura.table, key)) return;
  throw new AppError('key_not_unique', `no unique index on ${key.join(', ')}`, { details: { key: key.join(', ') } });
}
