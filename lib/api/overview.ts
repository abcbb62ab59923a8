import { type Caller, visibleFiguras } from '../access/caller.ts';
import type { DbPool } from '../db/pool.ts';
import { countWorkerSlots } from '../queue/worker-registry.ts';
import type { Services } from '../services.ts';
import { checkBucket } from '../storage/bucket.ts';
import type { OverviewDto } from './insight-schemas.ts';
import type { OverviewFilter } from './query-schemas.ts';

const DEFAULT_DAYS = 30;
const SHOWN = 10;
// A million jobs with rejected rows would be a million lists to open: the newest of the period stand for the others.
const MAX_JOBS_WITH_FAULTS = 20_000;

/** Jobs that ended in one way on one day for one figura, added up. */
interface Sum {
  day: string;
  figura: string;
  outcome: 'success' | 'partial' | 'failed' | 'cancelled';
  jobs: number;
  rows: number;
  rejected: number;
  written: number;
  seconds: number;
  longest: number;
}

type OverviewServices = Pick<Services, 'pool' | 'storage' | 'env'>;

/** What an administrator wants to know at a glance; of the caller's figuras only. */
export async function readOverview(
  services: OverviewServices,
  caller: Caller,
  filter: OverviewFilter,
): Promise<OverviewDto> {
  const { pool } = services;
  const to = filter.to ?? new Date().toISOString();
  const from = filter.from ?? new Date(Date.parse(to) - DEFAULT_DAYS * 86_400_000).toISOString();
  const period = { from, to, figuras: visibleFiguras(caller), zone: filter.zone };
  const [sums, faults, queue, workers, system] = await Promise.all([
    sumJobs(pool, period),
    countFaults(pool, period),
    readQueue(pool, period.figuras),
    countWorkerSlots(pool),
    caller.role === 'admin' ? readSystem(services) : null,
  ]);
  return {
    from,
    to,
    zone: filter.zone,
    days: addUp(sums, ({ day }) => day)
      .map(([day, total]) => ({ day, ...total }))
      .sort((a, b) => a.day.localeCompare(b.day)),
    figuras: addUp(sums, ({ figura }) => figura)
      .map(([figura, total]) => ({ figura, ...total }))
      .sort((a, b) => b.averageMs - a.averageMs || a.figura.localeCompare(b.figura))
      .slice(0, SHOWN),
    total: addUp(sums, () => '')[0]?.[1] ?? NOTHING,
    faults,
    queue,
    workers: { alive: workers.workers, slots: workers.slots, busy: workers.busy },
    system,
  };
}

type Period = { from: string; to: string; figuras: readonly string[] | null; zone: string };
type Total = OverviewDto['total'];

const NOTHING: Total = {
  jobs: 0,
  success: 0,
  partial: 0,
  failed: 0,
  cancelled: 0,
  rows: 0,
  rejected: 0,
  written: 0,
  averageMs: 0,
  longestMs: 0,
};

async function sumJobs(pool: DbPool, { from, to, figuras, zone }: Period): Promise<Sum[]> {
  const { rows } = await pool.query(
    `select to_char(day, 'YYYY-MM-DD') as day, figura,
            case status when 'complete' then result::text when 'error' then 'failed' else 'cancelled' end as outcome,
            count(*) as jobs, sum(rows_read)::float8 as rows, sum(rows_rejected)::float8 as rejected,
            sum(rows_inserted + rows_updated + rows_deleted + rows_unchanged)::float8 as written,
            coalesce(sum(spent), 0)::float8 as seconds, coalesce(max(spent), 0)::float8 as longest
       from (select date_trunc('day', finished_at at time zone $3) as day, figura, status, result, rows_read, rows_rejected,
                    rows_inserted, rows_updated, rows_deleted, rows_unchanged,
                    extract(epoch from finished_at - started_at) as spent
               from carga.jobs
              where finished_at >= $1::timestamptz and finished_at < $2::timestamptz and not dry_run
                and ($4::text[] is null or figura = any($4))) as ended
      group by 1, 2, 3`,
    [from, to, zone, figuras],
  );
  return rows;
}

function addUp(sums: Sum[], keyOf: (sum: Sum) => string): [string, Total][] {
  const totals = new Map<string, Total & { seconds: number }>();
  for (const sum of sums) {
    const key = keyOf(sum);
    const total = totals.get(key) ?? { ...NOTHING, seconds: 0 };
    total[sum.outcome] += sum.jobs;
    total.jobs += sum.jobs;
    total.rows += sum.rows;
    total.rejected += sum.rejected;
    total.written += sum.written;
    total.seconds += sum.seconds;
    total.longestMs = Math.max(total.longestMs, Math.round(sum.longest * 1000));
    totals.set(key, total);
  }
  return [...totals].map(([key, { seconds, ...total }]) => [
    key,
    { ...total, averageMs: Math.round((seconds * 1000) / total.jobs) },
  ]);
}

async function countFaults(pool: DbPool, { from, to, figuras }: Period): Promise<OverviewDto['faults']> {
  const within = `finished_at >= $1::timestamptz and finished_at < $2::timestamptz and not dry_run
                  and ($3::text[] is null or figura = any($3))`;
  const values = [from, to, figuras];
  const [ofJobs, ofRows] = await Promise.all([
    pool.query(
      `select 'job' as kind, error_code as code, count(*) as jobs, null::float8 as rows from carga.jobs
        where ${within} and error_code is not null group by error_code`,
      values,
    ),
    pool.query(
      `select 'row' as kind, fault ->> 'code' as code, count(distinct id) as jobs, sum((fault ->> 'count')::float8) as rows
         from (select id, row_faults from carga.jobs where ${within} and row_faults is not null
                order by finished_at desc limit ${MAX_JOBS_WITH_FAULTS}) as newest
        cross join jsonb_array_elements(row_faults) as fault group by 2`,
      values,
    ),
  ]);
  return [...ofJobs.rows, ...ofRows.rows].sort((a, b) => b.jobs - a.jobs).slice(0, SHOWN);
}

async function readQueue(pool: DbPool, figuras: readonly string[] | null): Promise<OverviewDto['queue']> {
  const { rows } = await pool.query(
    `select count(*) filter (where j.status = 'queued' and (t.run_at is null or t.run_at <= now())) as waiting,
            count(*) filter (where j.status = 'processing') as running,
            count(*) filter (where j.status = 'queued' and t.run_at > now()) as delayed,
            extract(epoch from now() - min(j.created_at) filter (where j.status = 'queued'))::float8 * 1000 as "oldestMs"
       from carga.jobs j
       left join graphile_worker.jobs t on t.key = 'load:' || j.id
      where j.status in ('queued', 'processing') and ($1::text[] is null or j.figura = any($1))`,
    [figuras],
  );
  const { oldestMs, ...counts } = rows[0];
  return { ...counts, oldestMs: oldestMs === null ? null : Math.max(0, Math.round(oldestMs)) };
}

async function readSystem({ pool, storage, env }: OverviewServices): Promise<OverviewDto['system']> {
  const [database, workers, bucket] = await Promise.all([
    pool.query(
      `select split_part(current_setting('server_version'), ' ', 1) as version, current_database() as name,
              pg_database_size(current_database()) as "sizeBytes",
              (select count(*)::int from pg_stat_activity where datname = current_database()) as sessions`,
    ),
    pool.query(
      `select host_name || ' #' || number as name, concurrency, started_at as "startedAt",
              (select count(*)::int from carga.jobs j where j.worker_id = w.id and j.status = 'processing') as running
         from carga.workers w where stopped_at is null order by number`,
    ),
    checkBucket(storage, env.S3_BUCKET).then(
      () => true,
      () => false,
    ),
  ]);
  return {
    database: database.rows[0],
    bucket: { name: env.S3_BUCKET, isReachable: bucket },
    workers: workers.rows.map((worker) => ({ ...worker, startedAt: worker.startedAt.toISOString() })),
  };
}
