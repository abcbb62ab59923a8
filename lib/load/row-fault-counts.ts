import type { DbClient } from '../db/pool.ts';
import type { ClaimedJob } from './job-record.ts';

// What a person can look through; a file with more kinds of faults than this is wrong as a whole.
const MAX_KINDS = 200;

/** Counts the faults of the session's refused rows by code and column, and keeps the counts with the job. */
export async function keepRowFaults(db: DbClient, job: Pick<ClaimedJob, 'id'>): Promise<void> {
  await db.query(
    `update carga.jobs set row_faults = (
       select jsonb_agg(jsonb_build_object('code', code, 'column', source, 'count', count) order by count desc, code, source)
         from (select code, source, count(*) as count from pg_temp.row_faults
                where status = 'ER' group by code, source order by count desc limit ${MAX_KINDS}) as kinds)
      where id = $1`,
    [job.id],
  );
}
