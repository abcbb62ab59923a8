import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import type { DbPool } from '../db/pool.ts';
import { withPoolTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import { isTerminal } from '../job/job-states.ts';
import { addJobEvent } from '../load/job-record.ts';
import { dequeueLoad, enqueueLoad } from '../queue/load-task.ts';
import { dedupeKeyOf } from './enqueue-job.ts';
import { findJob } from './find-jobs.ts';
import type { JobRow } from './job-dto.ts';

/**
 * Asks for a job's end. One that waits ends at once; one that runs is told, and its worker ends it within two seconds
 * with the table untouched. @throws AppError `job_already_finished`
 */
export async function cancelJob(pool: DbPool, caller: Caller, figura: string, id: string): Promise<JobRow> {
  await findJob(pool, figura, id);
  await withPoolTransaction(pool, async (db) => {
    const { rows } = await db.query('select status, attempt from carga.jobs where id = $1 for update', [id]);
    const { status, attempt } = rows[0];
    if (status === 'cancelled') return;
    if (isTerminal(status)) {
      throw new AppError('job_already_finished', `job ${id} is ${status}`, { details: { status } });
    }
    await addJobEvent(db, id, attempt, 'cancel_requested', { by: caller.name });
    await recordAudit(db, caller, { action: 'job.cancelled', target: `job:${id}`, before: { figura, status } });
    if (status === 'queued') {
      await db.query(
        `update carga.jobs set status = 'cancelled', phase = 'done', finished_at = clock_timestamp(), dedupe_key = null,
                cancel_requested_at = clock_timestamp(), rows_read = 0, rows_skipped = 0, rows_rejected = 0,
                rows_inserted = 0, rows_updated = 0, rows_deleted = 0, rows_unchanged = 0 where id = $1`,
        [id],
      );
      await addJobEvent(db, id, attempt, 'finished', { status: 'cancelled' });
      // Chunks that an earlier attempt staged are taken away by whoever finds the job ended.
      if (attempt === 0) await dequeueLoad(db, id);
      else await enqueueLoad(db, id);
    } else {
      await db.query(
        'update carga.jobs set cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()) where id = $1',
        [id],
      );
    }
  });
  return findJob(pool, figura, id);
}

/** Puts a failed job back into the queue: a new attempt at the same file. @throws AppError `job_not_retryable` */
export async function retryJob(pool: DbPool, caller: Caller, figura: string, id: string): Promise<JobRow> {
  const job = await findJob(pool, figura, id);
  await withPoolTransaction(pool, async (db) => {
    const { rowCount, rows } = await db.query(
      `update carga.jobs
          set status = 'queued', phase = null, result = null, finished_at = null, error_code = null, error_details = null,
              cancel_requested_at = null, row_faults = null, rows_total = null, rows_read = 0, rows_skipped = 0, rows_rejected = 0, percent = 0,
              dedupe_key = case when not exists (select 1 from carga.jobs other where other.dedupe_key = $2) then $2 end
        where id = $1 and status = 'error' returning attempt`,
      // From now on it stands again for its file and options, unless another job does.
      [id, dedupeKeyOf(job)],
    );
    if (rowCount === 0) throw new AppError('job_not_retryable', `job ${id} is not in error`);
    // The rows refused by the failed attempt will be judged anew.
    await db.query('delete from carga.stage_area where batch = $1', [id]);
    await addJobEvent(db, id, rows[0].attempt, 'retry_requested', { by: caller.name });
    await recordAudit(db, caller, {
      action: 'job.retried',
      target: `job:${id}`,
      before: { figura, status: job.status, code: job.errorCode },
    });
    await enqueueLoad(db, id);
  });
  return findJob(pool, figura, id);
}
