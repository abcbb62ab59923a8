import type { DbPool } from '../db/pool.ts';
import type { JobHistoryDto } from './insight-schemas.ts';
import type { JobRow } from './job-dto.ts';

// A job of twelve attempts has some fifty; one that its queue never lets go of could have more than a page can show.
const MAX_EVENTS = 500;
const MAX_MENDING_JOBS = 100;

/** What happened to a job: its events and samples, its faults counted, how its file was written, what mends what. */
export async function readJobHistory(pool: DbPool, job: JobRow): Promise<JobHistoryDto> {
  const [events, samples, source, faults, mends, mendedBy] = await Promise.all([
    pool.query(
      `select e.at, e.attempt, e.code, e.data ->> 'by' as by, e.data ->> 'code' as reason,
              w.host_name || ' #' || w.number as worker
         from carga.job_events e
         left join carga.workers w on w.id = (e.data ->> 'workerId')::uuid
        where e.job_id = $1 and e.code <> 'described' order by e.id limit ${MAX_EVENTS}`,
      [job.id],
    ),
    pool.query(
      `select attempt, elapsed_ms as "elapsedMs", phase, rows_read as "rowsRead"
         from carga.job_samples where job_id = $1 order by attempt, elapsed_ms`,
      [job.id],
    ),
    pool.query(`select data from carga.job_events where job_id = $1 and code = 'described' order by id desc limit 1`, [
      job.id,
    ]),
    pool.query(`select coalesce(row_faults, '[]') as faults from carga.jobs where id = $1`, [job.id]),
    pool.query(
      `select p.id, p.file_name as "fileName" from carga.jobs j join carga.jobs p on p.id = j.mends_job_id where j.id = $1`,
      [job.id],
    ),
    pool.query(
      `select id, status, result, rows_read as "rowsRead", rows_rejected as "rowsRejected", created_at as "createdAt"
         from carga.jobs where mends_job_id = $1 order by created_at, id limit ${MAX_MENDING_JOBS}`,
      [job.id],
    ),
  ]);
  return {
    events: events.rows.map((event) => ({ ...event, at: event.at.toISOString() })),
    samples: samples.rows,
    rowFaults: faults.rows[0]?.faults ?? [],
    source: source.rows[0]?.data ?? null,
    mends: mends.rows[0] ?? null,
    mendedBy: mendedBy.rows.map((other) => ({ ...other, createdAt: other.createdAt.toISOString() })),
  };
}
