import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { type DbPool, openClient } from '../db/pool.ts';
import { asAppError, isDatabaseError, SQLSTATE } from '../db/sqlstate.ts';
import { withPoolTransaction, withTransaction } from '../db/transaction.ts';
import { AppError, type ErrorCode, isRetryable } from '../errors.ts';
import type { Figura } from '../figura/figura.ts';
import { loadFigura } from '../figura/figura-registry.ts';
import { columnNamesOf, mapColumns } from '../figura/map-columns.ts';
import { isUniqueKey } from '../figura/read-table.ts';
import { FormatFault } from '../formats/format-fault.ts';
import {
  type CopyColumn,
  type CopyRows,
  describeFile,
  openCopyRows,
  type ReaderOptions,
  readRowsAgain,
  type SourceFile,
} from '../formats/reader/reader.ts';
import type { Logger } from '../log.ts';
import { fetchObject } from '../storage/bucket.ts';
import { AttemptProgress, roundTimings } from './attempt-progress.ts';
import { createStage, dropStages } from './create-stage.ts';
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
  releaseJob,
} from './job-record.ts';
import { planLoad } from './load-plan.ts';
import { countFaultyRows } from './record-rows.ts';
import { createFaultList } from './reject-rows.ts';
import { createRowData, type ReadAgain } from './row-data.ts';
import { createKeptKeys } from './snapshot.ts';
import { stageRows } from './stage-rows.ts';
import { validateRows } from './validate-rows.ts';

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
// pg_cancel_backend does nothing to a session that is between two statements.
const CANCEL_INTERVAL_MS = 250;

/** The process ends before the job does: the job goes back to the queue. */
export class ShutdownError extends Error {
  override name = 'ShutdownError';
}

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
  if (isDatabaseError(fault) && /^(22|23|42|44|P0|0A)/.test(fault.code)) {
    // The table refuses the load as a whole: a missing right, a rule, a trigger. Trying again changes nothing.
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
  const db = await openClient({ connectionString: context.connectionString, applicationName: context.applicationName });
  const backend = (
    await db.query('select pg_backend_pid() as pid, current_setting($1)::int as version', ['server_version_num'])
  ).rows[0];
  let cancelling: NodeJS.Timeout | undefined;
  const cancel = () => {
    const send = () => void context.pool.query('select pg_cancel_backend($1)', [backend.pid]).catch(() => {});
    send();
    cancelling = setInterval(send, CANCEL_INTERVAL_MS);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    // Dates are read as ISO (a converter has made them so), a session that lost its client is noticed mid-statement,
    // and a scan of the stage begins at its first row.
    await db.query(`select set_config('datestyle', 'ISO, MDY', false), set_config('timezone', 'UTC', false),
                           set_config('client_connection_check_interval', '2s', false),
                           set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false),
                           set_config('synchronize_seqscans', 'off', false)`);
    signal.throwIfAborted();
    const file = await fetchSource(context, job, progress, directory, signal);
    await context.atStep('fetched');
    const readerOptions: ReaderOptions = { tempDirectory: directory, signal };
    const description = await describeFile(file, readerOptions);
    progress.rowsTotal = description.rowCount;
    await addJobEvent(context.pool, job.id, job.attempt, 'described', {
      writtenAs: description.note?.format ?? job.fileFormat,
      csv: description.csv ?? description.note?.csv ?? null,
    });
    const figura = await loadFigura(db, job.figura);
    if (job.options.mode !== 'append') requireKey(figura);
    const fileColumns = columnNamesOf(description, figura, job.options.mapping);
    const mapping = mapColumns(fileColumns, figura, job.options.mapping, job.options.mode !== 'append');
    const plan = planLoad({ jobId: job.id, attempt: job.attempt, figura, mapping, options: job.options });
    const copyColumns: CopyColumn[] = [
      ...plan.columns.map(({ source, target }) => ({ source, target: target.category })),
      ...(plan.opSource === null ? [] : [{ source: plan.opSource, target: 'text' as const }]),
    ];
    const readAgain: ReadAgain = (rows) =>
      readRowsAgain(file, copyColumns, rows, path.join(directory, 'again'), readerOptions);

    await progress.enter('staging');
    await dropStages(db, job.id, 0, job.attempt - 1);
    await createStage(db, plan);
    await createFaultList(db);
    await createRowData(db);
    await createKeptKeys(db, plan);
    await context.atStep('staging');
    const staged = await stageRows(db, plan, backend.version, () =>
      watchRows(openCopyRows(file, copyColumns, readerOptions), progress, context),
    );
    progress.rowsRead = staged.read;
    progress.rowsTotal = staged.read;
    await context.atStep('staged');

    await progress.enter('validating');
    await validateRows(db, plan, staged);
    const faulty = await countFaultyRows(db);
    progress.rowsRejected = faulty.rejected;
    progress.rowsSkipped = faulty.skipped;
    await context.atStep('validated');

    await progress.enter('merging');
    await withTransaction(db, async () => {
      await enterFinalTransaction(db, job);
      await finishLoad(db, {
        atStep: context.atStep,
        signal,
        job,
        plan,
        progress,
        read: staged.read,
        serverVersion: backend.version,
        fileColumns,
        readAgain,
      });
      await context.atStep('before_commit');
    });
    await context.atStep('committed');
  } finally {
    signal.removeEventListener('abort', cancel);
    clearInterval(cancelling);
    await db.end().catch(() => {});
    await rm(directory, { recursive: true, force: true });
  }
}

async function fetchSource(
  context: LoadContext,
  job: ClaimedJob,
  progress: AttemptProgress,
  directory: string,
  signal: AbortSignal,
): Promise<SourceFile> {
  const file = path.join(directory, 'source');
  const object = {
    bucket: job.bucket,
    key: job.objectKey,
    etag: job.etag,
    versionId: job.versionId,
    sizeBytes: job.fileSizeBytes,
  };
  const sha256 = await fetchObject(context.storage, object, file, {
    maxBytes: context.maxFileBytes,
    signal,
    onBytes: (bytes) => {
      progress.share = bytes / job.fileSizeBytes;
    },
  });
  if (job.fileSha256 !== null && job.fileSha256 !== sha256) {
    throw new AppError('checksum_mismatch', 'the file is not the one that was announced', {
      details: { expected: job.fileSha256, found: sha256 },
    });
  }
  await context.pool.query('update carga.jobs set file_sha256 = $2 where id = $1 and attempt = $3', [
    job.id,
    sha256,
    job.attempt,
  ]);
  return { path: file, format: job.fileFormat, csv: job.options.csv as SourceFile['csv'] };
}

/** Counts the rows on their way, one line each. */
function watchRows(rows: CopyRows, progress: AttemptProgress, context: LoadContext): CopyRows {
  const LINE_FEED = 10;
  let isFirst = true;
  progress.rowsRead = 0;
  rows.stream.on('data', (chunk: Buffer) => {
    let count = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) count += 1;
    progress.rowsRead += count;
    if (progress.rowsTotal) progress.share = progress.rowsRead / progress.rowsTotal;
    if (isFirst) void context.atStep('copying');
    isFirst = false;
  });
  // A 'data' listener makes the stream flow; the pipe to COPY decides its pace.
  rows.stream.pause();
  return rows;
}

/** Without a unique index over the key two rows of the table could answer to one of the file. */
function requireKey(figura: Figura): void {
  const key = figura.keyColumns;
  if (key.length > 0 && isUniqueKey(figura.table, key)) return;
  throw new AppError('key_not_unique', `no unique index on ${key.join(', ')}`, { details: { key: key.join(', ') } });
}
