import type { DbPool } from '../db/pool.ts';
import { withPoolTransaction } from '../db/transaction.ts';
import { addJobEvent } from '../load/job-record.ts';
import { enqueueLoad } from './load-task.ts';

// A job's row and its task are written together; between the end of one attempt and the queue's note of it lie
// milliseconds. What has no task for this long has lost it.
const GRACE_SECONDS = 60;
// A job that took so many attempts kills its workers, or cannot even end: others must go on.
const MAX_ATTEMPTS = 12;

const FIND_STRANDED = `
  select j.id, j.attempt
    from carga.jobs j
   where j.status in ('queued', 'processing')
     and j.updated_at < clock_timestamp() - make_interval(secs => $1)
     and not exists (select 1 from graphile_worker.jobs t
                      where t.key = 'load:' || j.id and (t.locked_at is not null or t.attempts < t.max_attempts))
   order by j.created_at`;

/**
 * Finds jobs that have not ended and have no task any more (the database was away when the last try failed, or every
 * try killed its worker), and gives them a new one, or ends them. Returns how many.
 */
export async function rescueStrandedJobs(pool: DbPool, graceSeconds = GRACE_SECONDS): Promise<number> {
  const { rows } = await pool.query(FIND_STRANDED, [graceSeconds]);
  for (const { id, attempt } of rows) {
    await withPoolTransaction(pool, async (db) => {
      if (attempt < MAX_ATTEMPTS) {
        const { rowCount } = await db.query(
          `update carga.jobs set status = 'queued', phase = null, worker_id = null, rows_per_second = null
            where id = $1 and attempt = $2 and status in ('queued', 'processing')`,
          [id, attempt],
        );
        if (rowCount === 0) return;
        await addJobEvent(db, id, attempt, 'requeued');
        await enqueueLoad(db, id);
        return;
      }
      const { rowCount } = await db.query(
        `update carga.jobs
            set status = 'error', result = 'failed', phase = 'done', finished_at = clock_timestamp(), dedupe_key = null,
                error_code = 'attempts_exhausted', error_details = json_build_object('attempts', attempt), rows_per_second = null,
                rows_read = 0, rows_inserted = 0, rows_updated = 0, rows_deleted = 0, rows_unchanged = 0, rows_skipped = 0,
                rows_rejected = 0
          where id = $1 and attempt = $2 and status in ('queued', 'processing')`,
        [id, attempt],
      );
      if (rowCount === 1)
        await addJobEvent(db, id, attempt, 'finished', { status: 'error', code: 'attempts_exhausted' });
    });
  }
  return rows.length;
}
