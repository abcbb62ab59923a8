import type { DbPool } from '../db/pool.ts';
import { LOAD_TASK } from '../queue/load-task.ts';
import { countWorkerSlots } from '../queue/worker-registry.ts';
import type { JobRow, JobWaiting } from './job-dto.ts';

// Who is further back than this does not wait for the exact number.
const MAX_POSITION = 1000;

const QUEUED = `
  with first as materialized (
    select key, row_number() over (order by priority, run_at, id) as place
      from (select key, priority, run_at, id from graphile_worker.jobs
             where task_identifier = '${LOAD_TASK}' and locked_at is null and run_at <= now() and attempts < max_attempts
             order by priority, run_at, id limit ${MAX_POSITION}) as open
  )
  select split_part(t.key, ':', 2) as id, first.place as position, t.locked_at is not null as taken,
         case when t.run_at > now() then t.run_at end as "retryAt"
    from graphile_worker.jobs t left join first using (key)
   where t.key = any($1::text[])`;

// Loads of one figura are merged one after another: of several that merge, all but the first wait.
const LOCKED = `
  select id from (
    select j.id, row_number() over (
             partition by j.figura
             order by e.at + make_interval(secs => (j.read_ms + j.stage_ms + j.validate_ms) / 1000.0), j.id) as place
      from carga.jobs j
      cross join lateral (select max(at) as at from carga.job_events
                           where job_id = j.id and attempt = j.attempt and code in ('started', 'resumed')) e
     where j.status = 'processing' and j.phase = 'merging' and j.figura = any($1::text[])) as merging
   where place > 1 and id = any($2::uuid[])`;

/** Says of each of these jobs what it waits for; those that do not wait come back as they are. */
export async function withWaiting<T extends JobRow>(pool: DbPool, jobs: T[]): Promise<T[]> {
  const queued = jobs.filter(({ status }) => status === 'queued');
  const merging = jobs.filter(({ status, phase }) => status === 'processing' && phase === 'merging');
  if (queued.length === 0 && merging.length === 0) return jobs;
  const found = new Map<string, JobWaiting>();
  if (queued.length > 0) await findQueued(pool, queued, found);
  if (merging.length > 0) {
    const { rows } = await pool.query(LOCKED, [merging.map(({ figura }) => figura), merging.map(({ id }) => id)]);
    for (const { id } of rows) found.set(id, { position: null, reason: 'figura_locked', retryAt: null });
  }
  return jobs.map((job) => ({ ...job, waiting: found.get(job.id) ?? null }));
}

async function findQueued(pool: DbPool, jobs: JobRow[], found: Map<string, JobWaiting>): Promise<void> {
  const [{ rows }, workers] = await Promise.all([
    pool.query(QUEUED, [jobs.map(({ id }) => `${LOAD_TASK}:${id}`)]),
    countWorkerSlots(pool),
  ]);
  for (const { id, position, retryAt, taken } of rows) {
    if (retryAt !== null) found.set(id, { position: null, reason: 'retry_scheduled', retryAt });
    else if (workers.slots === 0) found.set(id, { position, reason: 'no_worker', retryAt: null });
    else if (taken || workers.busy < workers.slots) found.set(id, { position, reason: 'next', retryAt: null });
    else found.set(id, { position, reason: 'workers_busy', retryAt: null });
  }
}
