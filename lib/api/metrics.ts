import type { DbPool } from '../db/pool.ts';
import { JOB_STATUSES } from '../job/job-states.ts';
import { countLiveWorkers } from '../queue/worker-registry.ts';

/** Upper ends of the buckets of a job's time, in seconds: from a handful of rows to tens of millions. */
const JOB_SECONDS = [0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200];
const OUTCOMES = ['inserted', 'updated', 'deleted', 'unchanged', 'skipped', 'rejected'] as const;

type Sample = [labels: string, value: number];

function metric(name: string, type: 'gauge' | 'counter', help: string, samples: Sample[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels && `{${labels}}`} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n');
}

function histogram(name: string, help: string, seconds: { buckets: number[]; sum: number; count: number }): string {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...JOB_SECONDS.map((end, index) => `${name}_bucket{le="${end}"} ${seconds.buckets[index]}`),
    `${name}_bucket{le="+Inf"} ${seconds.count}`,
    `${name}_sum ${seconds.sum}`,
    `${name}_count ${seconds.count}`,
  ].join('\n');
}

/**
 * What Prometheus asks for, in its text format. Counted in the database at each scrape, so that all web processes say the
 * same and nothing is lost at a restart; with a million jobs that is one pass over their table.
 */
export async function readMetrics(pool: DbPool): Promise<string> {
  const spent = 'extract(epoch from finished_at - created_at)';
  const [statuses, totals, queue, workers] = await Promise.all([
    pool.query('select status, count(*) as count from carga.jobs group by status'),
    pool.query(
      `select ${OUTCOMES.map((name) => `coalesce(sum(rows_${name}), 0)::float8 as ${name}`).join(', ')},
              coalesce(sum(${spent}), 0)::float8 as sum, count(*) as count,
              ${JOB_SECONDS.map((end, index) => `count(*) filter (where ${spent} <= ${end}) as b${index}`).join(', ')}
         from carga.jobs where finished_at is not null`,
    ),
    pool.query(
      `select count(*) filter (where locked_at is null and run_at <= now()) as waiting,
              count(*) filter (where locked_at is not null) as running,
              count(*) filter (where locked_at is null and run_at > now()) as delayed
         from graphile_worker.jobs`,
    ),
    countLiveWorkers(pool),
  ]);
  const jobs = new Map(statuses.rows.map(({ status, count }) => [status, count]));
  const total = totals.rows[0];
  const texts = [
    metric(
      'carga_jobs',
      'gauge',
      'Jobs by status.',
      JOB_STATUSES.map((status) => [`status="${status}"`, jobs.get(status) ?? 0]),
    ),
    metric(
      'carga_queue_tasks',
      'gauge',
      'Tasks of the queue: waiting for a worker, running, delayed after a failure.',
      Object.entries(queue.rows[0] as Record<string, number>).map(([state, count]) => [`state="${state}"`, count]),
    ),
    metric(
      'carga_rows_total',
      'counter',
      'Rows of ended jobs by outcome.',
      OUTCOMES.map((outcome) => [`outcome="${outcome}"`, total[outcome]]),
    ),
    metric('carga_workers', 'gauge', 'Workers alive.', [['', workers]]),
    histogram('carga_job_seconds', 'Time from the enqueueing of a job to its end.', {
      buckets: JOB_SECONDS.map((_end, index) => total[`b${index}`]),
      sum: total.sum,
      count: total.count,
    }),
  ];
  return `${texts.join('\n')}\n`;
}
