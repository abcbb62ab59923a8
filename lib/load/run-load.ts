import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { asAppError, isDatabaseError, SQLSTATE } from '../db/sqlstate.ts';
import { withPoolTransaction, withTransaction } from '../db/transaction.ts';
import { AppError, type ErrorCode, isRetryable } from '../errors.ts';
import { FormatFault } from '../formats/format-fault.ts';
import { readRowsAgain, startReaderAhead } from '../formats/reader/reader.ts';
import { startFetch } from './arriving-file.ts';
import { AttemptProgress, roundTimings } from './attempt-progress.ts';
import { refersToItself } from './check-rows.ts';
import { dropStages } from './create-stage.ts';
import { finishLoad, rowsWithoutEffect } from './finish-load.ts';
import {
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
import type { Attempt, LoadContext } from './load-context.ts';
import { copyColumnsOf } from './load-plan.ts';
import { openLoadSession } from './load-session.ts';
import { countFaultyRows } from './record-rows.ts';
import { createFaultList } from './reject-rows.ts';
import { createRowData, type SecondReading } from './row-data.ts';
import { ShutdownError } from './shutdown-error.ts';
import { createKeptKeys } from './snapshot.ts';
import { stageArriving, stageFetched } from './stage-file.ts';
import { validateRows } from './validate-rows.ts';

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
      const arriving = await startFetch(context, job, progress, directory, signal);
      // Whatever it was reading is not the file.
      arriving.firstCopy.catch((error) => ahead.end(error));
      try {
        await loadFile(context, { job, progress, session, arriving, readerOptions: { ...options, ahead } });
      } finally {
        await arriving.stop();
      }
    } finally {
      await session.close();
    }
  } finally {
    ahead.end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function loadFile(context: LoadContext, attempt: Attempt): Promise<void> {
  const { job, progress, session, readerOptions } = attempt;
  const { db, serverVersion } = session;
  const loaded = (await stageArriving(context, attempt)) ?? (await stageFetched(context, attempt));
  const { file, plan, staged, fileColumns } = loaded;
  const secondReading: SecondReading = {
    directory: readerOptions.tempDirectory,
    start: (wanted, output) => readRowsAgain(file, copyColumnsOf(plan), wanted, output, readerOptions),
  };
  await createFaultList(db);
  await createRowData(db);
  await createKeptKeys(db, plan);
  progress.rowsRead = staged.read;
  progress.rowsTotal = staged.read;
  await context.atStep('staged');

  await progress.enter('validating');
  // A load of the same figura may be about to bring the row that one of ours refers to.
  if (refersToItself(plan)) await lockFigura(db, job.figura);
  const hasDeletes = await validateRows(session, plan, staged);
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
      secondReading,
    });
    await context.atStep('before_commit');
  });
  await context.atStep('committed');
}
