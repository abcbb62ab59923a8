// `npm run bench:jobs`: how long the list of jobs and the overview take with a long history, for each filter and order.
import '#lib/process/require-node.ts';
import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '#embedded/postgres.ts';
import type { Caller } from '#lib/access/caller.ts';
import { jobPosition, listJobs } from '#lib/api/list-jobs.ts';
import { readOverview } from '#lib/api/overview.ts';
import { encodeCursor } from '#lib/api/paging.ts';
import { type JobFilter, jobListQuery, overviewQuery } from '#lib/api/query-schemas.ts';
import { applyMigrations } from '#lib/db/migrate.ts';
import { createPool, type DbPool } from '#lib/db/pool.ts';
import { JOB_SORTS } from '#lib/job/job-sorts.ts';
import type { Services } from '#lib/services.ts';
import { makeDataDirectory } from '#tests/support/leftovers.ts';
import { treeCpu } from './usage.ts';

const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
});
const jobs = Number(options.jobs);
const runs = Number(options.runs);

const ADMIN: Caller = { kind: 'user', id: '', name: 'bench', role: 'admin', figuras: [] };
/** Sees three figuras of forty: a large one, and two small ones. */
const VIEWER: Caller = { ...ADMIN, role: 'viewer', figuras: ['figura_1', 'figura_20', 'figura_40'] };

/** Two years of loads: few figuras have most of them, most go well, and files are called as people call them. */
const GENERATE = `
  insert into carga.figuras (name, title, schema_name, table_name, key_columns)
    select 'figura_' || n, 'Figura ' || n, 'x', 't' || n, '{id}' from generate_series(1, 40) n;
  insert into carga.jobs (figura, status, phase, result, options, bucket, object_key, etag, file_name, file_size_bytes, file_format,
      file_sha256, attempt, rows_total, rows_read, rows_inserted, rows_rejected, rows_skipped, percent, read_ms, stage_ms, merge_ms, error_code,
      row_faults, created_by_kind, created_by_name, created_at, started_at, finished_at)
  select 'figura_' || ceil(40 * chance.figura ^ 3), status::carga.job_status, case when status = 'queued' then null else 'done' end::carga.job_phase,
      case status when 'complete' then case when rejected > 0 then 'partial' else 'success' end when 'error' then 'failed' end::carga.job_result,
      '{"mode": "merge", "onError": "skip", "maxErrors": null, "mapping": {}, "csv": {}}', 'carga', 'uploads/' || n, md5(n::text),
      (array['clientes', 'fornecedores', 'municípios', 'notas fiscais', 'estoque', 'pedidos'])[1 + n % 6] || ' ' ||
        to_char(created, 'YYYY-MM-DD') || ' ' || left(md5((n * 7)::text), 6) || case when n % 3 = 0 then '.csv.parquet' else '.parquet' end,
      rows * 40, 'parquet', md5(n::text) || md5(n::text), 1, rows, rows, case when status = 'complete' then rows - rejected else 0 end,
      case when status in ('complete') then rejected else 0 end, case when status = 'complete' then 0 else rows end, 100, 10, 100, 100,
      case when status = 'error' then (array['malformed_csv', 'too_many_errors', 'delete_guard', 'target_refused'])[1 + n % 4] end,
      case when rejected > 0 and status = 'complete' then
        jsonb_build_array(jsonb_build_object('code', (array['invalid_value', 'not_null', 'foreign_key_violation'])[1 + n % 3], 'column', 'c' || n % 9, 'count', rejected)) end,
      'user', 'Pessoa ' || ceil(200 * chance.author ^ 2), created,
      case when status <> 'queued' then created + interval '50 ms' end,
      case when status <> 'queued' then created + interval '50 ms' + make_interval(secs => 0.4 + rows / 90000.0) end
    from generate_series(1, $1::int) n
    cross join lateral (select random() * 0.999999 + 0.000001 + n * 0 as figura, random() as author, random() as fate, random() as size, random() as bad) chance
    cross join lateral (select date_trunc('milliseconds', now() - interval '2 years' * (1 - n::float / $1)) as created,
      case when n > $1 - 200 and chance.fate < 0.5 then 'queued' when chance.fate < 0.9 then 'complete' when chance.fate < 0.97 then 'error' else 'cancelled' end as status,
      (10 ^ (1 + 5.5 * chance.size))::bigint as rows) base
    cross join lateral (select case when chance.bad < 0.1 then 1 + (base.rows * chance.bad / 10)::bigint else 0 end as rejected) fault`;

interface Measured {
  what: string;
  runs: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
  /** CPU of PostgreSQL for one run, on average: what a busy machine does not change. */
  cpuMs: number;
}

async function measure(what: string, work: (run: number) => Promise<unknown>): Promise<Measured> {
  const times: number[] = [];
  const cpuBefore = treeCpu(server.pid);
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await work(run);
    times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  if ((sorted.at(-1) ?? 0) > 500) console.error(`${what}: up to ${Math.round(sorted.at(-1) ?? 0)} ms`);
  // Nearest rank.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  const cpuMs = ((treeCpu(server.pid) - cpuBefore) * 1000) / runs;
  return { what, runs, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1), cpuMs };
}

const FILTERS: [name: string, (run: number) => Partial<JobFilter>, Caller?][] = [
  ['none', () => ({})],
  ['status complete', () => ({ status: ['complete'] })],
  ['status error', () => ({ status: ['error'] })],
  ['status queued', () => ({ status: ['queued'] })],
  ['status queued, processing', () => ({ status: ['queued', 'processing'] })],
  ['figura, the largest', () => ({ figura: 'figura_1' })],
  ['figura, any', (run) => ({ figura: `figura_${1 + (run % 40)}` })],
  ['figura and error', (run) => ({ figura: `figura_${1 + (run % 40)}`, status: ['error'] })],
  ['author', (run) => ({ createdBy: `Pessoa ${1 + ((run * 7) % 200)}` })],
  ['nobody', () => ({ createdBy: 'Ninguém' })],
  ['period, a day', (run) => period(run * 11, 1)],
  ['period, a year', (run) => period(run, 365)],
  ['text of many', () => ({ q: 'fornecedores' })],
  ['text of a few', (run) => ({ q: (1_234_567 * (run + 1)).toString(16).slice(0, 4) })],
  ['text of none', () => ({ q: 'não há' })],
  ['text of two letters', () => ({ q: 'zz' })],
  ['text and figura', () => ({ q: 'clientes', figura: 'figura_30' })],
  ['a viewer of three figuras', () => ({}), VIEWER],
];

function period(daysAgo: number, days: number): Partial<JobFilter> {
  const to = Date.now() - daysAgo * 86_400_000;
  return { from: new Date(to - days * 86_400_000).toISOString(), to: new Date(to).toISOString() };
}

async function measureLists(pool: DbPool): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const [name, filterOf, caller = ADMIN] of FILTERS) {
    for (const sort of JOB_SORTS) {
      measured.push(
        await measure(`${name} · ${sort}`, (run) => {
          const order = run % 4 === 3 ? 'asc' : 'desc';
          return listJobs(
            pool,
            caller,
            jobListQuery.parse({}) && { ...jobListQuery.parse({ sort, order }), ...filterOf(run) },
          );
        }),
      );
    }
  }
  let cursor: string | null = null;
  measured.push(
    await measure('none · createdAt, page after page of 1000', async () => {
      const filter: JobFilter = { ...jobListQuery.parse({ limit: 1000 }), cursor };
      const rows = await listJobs(pool, ADMIN, filter);
      cursor = encodeCursor(jobPosition(filter)(rows[999] as (typeof rows)[number]));
    }),
  );
  for (const days of [7, 30, 365]) {
    for (const caller of [VIEWER, { ...VIEWER, figuras: ['*'] }]) {
      const from = new Date(Date.now() - days * 86_400_000).toISOString();
      const who = caller === VIEWER ? 'three figuras' : 'all figuras';
      // The bucket is for administrators.
      const services = { pool } as unknown as Services;
      const work = () => readOverview(services, caller, overviewQuery.parse({ from, zone: 'America/Sao_Paulo' }));
      measured.push(await measure(`overview of ${days} days · ${who}`, work));
    }
  }
  return measured;
}

async function generate(pool: DbPool): Promise<void> {
  const client = await pool.connect();
  try {
    // The triggers would tell nobody a million times.
    await client.query('set session_replication_role = replica; set synchronous_commit = off');
    // Built at once instead of a million times: a sixth of the time.
    const indexes = await client.query(
      `select indexdef, 'carga.' || indexname as name from pg_indexes
        where schemaname = 'carga' and tablename = 'jobs' and indexname not in ('jobs_pkey', 'jobs_dedupe_key_key')`,
    );
    for (const { name } of indexes.rows) await client.query(`drop index ${name}`);
    for (const statement of GENERATE.split(';\n')) {
      await client.query(statement, statement.includes('$1') ? [jobs] : []);
    }
    for (const { indexdef } of indexes.rows) await client.query(indexdef);
  } finally {
    client.release();
  }
}

const load = os.loadavg()[0] ?? 0;
const directory = makeDataDirectory('bench-jobs');
const server = await startEmbeddedPostgres({
  dataDirectory: directory,
  settings: { fsync: 'off', max_wal_size: '4GB' },
});
const pool = createPool({ connectionString: server.url, applicationName: 'carga-bench', max: 4 });
try {
  await applyMigrations(server.url);
  const start = performance.now();
  await generate(pool);
  await pool.query('vacuum analyze carga.jobs');
  const { rows } = await pool.query(
    `select pg_size_pretty(pg_table_size('carga.jobs')) as heap, pg_size_pretty(pg_indexes_size('carga.jobs')) as indexes`,
  );
  console.error(
    `${jobs} jobs made in ${Math.round((performance.now() - start) / 1000)} s: table ${rows[0].heap}, indexes ${rows[0].indexes}`,
  );
  const measured = await measureLists(pool);
  const width = Math.max(...measured.map(({ what }) => what.length));
  const ms = (value: number) => value.toFixed(1).padStart(9);
  console.log(`${'filter · order'.padEnd(width)}   p50 ms    p95 ms    max ms    CPU ms   (${runs} runs each)`);
  for (const { what, p50Ms, p95Ms, maxMs, cpuMs } of measured)
    console.log(`${what.padEnd(width)}${ms(p50Ms)} ${ms(p95Ms)} ${ms(maxMs)} ${ms(cpuMs)}`);
  const worst = measured.reduce((a, b) => (b.p95Ms > a.p95Ms ? b : a));
  console.log(`slowest p95: ${worst.p95Ms.toFixed(1)} ms (${worst.what})`);
  const [first, last] = [load, os.loadavg()[0] ?? 0].map((value) => value.toFixed(1));
  console.log(`load average ${first} at the start, ${last} at the end`);
  if (options.json) fs.writeFileSync(options.json, JSON.stringify({ jobs, measured }, null, 2));
} finally {
  await pool.end();
  await server.stop();
  fs.rmSync(directory, { recursive: true, force: true });
}
