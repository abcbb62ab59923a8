import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Caller } from '#lib/access/caller.ts';
import { listJobAuthors } from '#lib/api/job-authors.ts';
import { jobPosition, listJobs } from '#lib/api/list-jobs.ts';
import { readOverview } from '#lib/api/overview.ts';
import { encodeCursor } from '#lib/api/paging.ts';
import { type JobFilter, jobListQuery, overviewQuery } from '#lib/api/query-schemas.ts';
import { JOB_SORTS } from '#lib/job/job-sorts.ts';
import { enqueueLoad } from '#lib/queue/load-task.ts';
import type { Services } from '#lib/services.ts';
import { createLoadHarness } from '../support/load-harness.ts';

const { pool } = await createLoadHarness();
const ADMIN: Caller = { kind: 'user', id: '', name: 'a', role: 'admin', figuras: [] };
const VIEWER: Caller = { ...ADMIN, role: 'viewer', figuras: ['figura_2'] };
const JOBS = 120;

await pool.query(`insert into carga.figuras (name, title, schema_name, table_name, key_columns)
  select 'figura_' || n, 'x', 'x', 'x', '{id}' from generate_series(1, 3) n`);
await pool.query(
  `insert into carga.jobs (figura, status, phase, result, bucket, object_key, etag, file_name, file_size_bytes, file_format,
     rows_read, rows_inserted, rows_rejected, error_code, row_faults, created_by_kind, created_by_name, created_at, started_at, finished_at)
   select 'figura_' || 1 + n % 3, case when n % 10 = 9 then 'error' else 'complete' end::carga.job_status, 'done',
     case when n % 10 = 9 then 'failed' when n % 5 = 0 then 'partial' else 'success' end::carga.job_result, 'b', 'k', 'e',
     'Município ' || n % 4 || '.csv', 1, 'csv', n % 7 + case when n % 5 = 0 and n % 10 <> 9 then 2 else 0 end,
     case when n % 10 = 9 then 0 else n % 7 end, case when n % 5 = 0 and n % 10 <> 9 then 2 else 0 end + case when n % 10 = 9 then n % 7 else 0 end,
     case when n % 10 = 9 then 'malformed_csv' end,
     case when n % 5 = 0 and n % 10 <> 9 then '[{"code": "not_null", "column": "nome", "count": 2}]'::jsonb end,
     'user', 'Pessoa ' || n % 6, '2026-01-31T22:00:00Z'::timestamptz + n / 3 * interval '1 minute', '2026-01-31T23:00:00Z',
     '2026-01-31T23:00:00Z'::timestamptz + n % 11 * interval '1 second'
     from generate_series(1, ${JOBS}) n`,
);

async function pages(caller: Caller, asked: Partial<JobFilter>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const filter: JobFilter = { ...jobListQuery.parse({ limit: '17' }), ...asked, cursor };
    const rows = await listJobs(pool, caller, filter);
    ids.push(...rows.slice(0, 17).map(({ id }) => id));
    cursor = rows.length > 17 ? encodeCursor(jobPosition(filter)(rows[16] as (typeof rows)[number])) : null;
  } while (cursor !== null);
  return ids;
}

test.each(JOB_SORTS)('pages sorted by %s hold every job once, in both orders', async (sort) => {
  const down = await pages(ADMIN, { sort, order: 'desc' });
  expect([down.length, new Set(down).size]).toEqual([JOBS, JOBS]);
  expect(await pages(ADMIN, { sort, order: 'asc' })).toEqual(down.toReversed());
});

test('the order is the one that was asked for', async () => {
  const read = async (sort: JobFilter['sort']) =>
    (await listJobs(pool, ADMIN, jobListQuery.parse({ sort, limit: '500' }))) as Awaited<ReturnType<typeof listJobs>>;
  const rows = (await read('rows')).map(({ rowsRead }) => rowsRead);
  expect(rows).toEqual(rows.toSorted((a, b) => b - a));
  const authors = (await read('author')).map(({ createdByName }) => createdByName);
  expect(authors).toEqual(authors.toSorted().toReversed());
});

test('a text is found in names of files and people whatever its case, however many have it', async () => {
  expect(await pages(ADMIN, { q: 'MUNICÍPIO 3' })).toHaveLength(JOBS / 4);
  expect(await pages(ADMIN, { q: 'soa 5' })).toHaveLength(JOBS / 6);
  expect(await pages(ADMIN, { q: '0.' })).toHaveLength(JOBS / 4);
  expect(await pages(ADMIN, { q: 'Mun%' })).toEqual([]);
  expect(await pages(VIEWER, { q: 'município' })).toHaveLength(JOBS / 3);
});

test('a text may be a single character, and any character at all', async () => {
  const { rows } = await pool.query(
    `insert into carga.jobs (figura, bucket, object_key, etag, file_name, file_size_bytes, file_format, created_by_kind, created_by_name)
     values ('figura_1', 'b', 'k', 'e', $1, 1, 'csv', 'user', 'Zoë ÇELIK') returning id`,
    [`Caixa d'água & "luz" \\ 50%:*|(!) ☂.csv`],
  );
  const texts = [
    'ë',
    'ç',
    'ZO',
    'x',
    "'",
    "d'",
    "D'Á",
    '&',
    '& "',
    '\\',
    '\\ 5',
    '0%',
    ':*',
    '|(',
    '!',
    '(!)',
    '☂',
    'lik',
    'ik',
  ];
  for (const q of texts) expect([q, await pages(ADMIN, { q })]).toEqual([q, [rows[0].id]]);
  for (const q of ['_0', 'v z', 'zz', 'd"', '☂☂']) expect([q, await pages(ADMIN, { q })]).toEqual([q, []]);
  await pool.query('delete from carga.jobs where id = $1', [rows[0].id]);
});

test('a cursor of one order is refused in another', async () => {
  const filter = jobListQuery.parse({ limit: '5' });
  const rows = await listJobs(pool, ADMIN, filter);
  const cursor = encodeCursor(jobPosition(filter)(rows[4] as (typeof rows)[number]));
  await expect(listJobs(pool, ADMIN, { ...filter, sort: 'rows', cursor })).rejects.toThrow('another order');
});

test('a job that waits says for what, and which place it has', async () => {
  const make = async () => {
    const id = randomUUID();
    await pool.query(
      `insert into carga.jobs (id, figura, bucket, object_key, etag, file_name, file_size_bytes, file_format, created_by_kind, created_by_name)
       values ($1, 'figura_1', 'b', 'k', 'e', 'espera.csv', 1, 'csv', 'user', 'Ana')`,
      [id],
    );
    await enqueueLoad(pool, id);
    return id;
  };
  const [first, second, third] = [await make(), await make(), await make()];
  const waiting = async () => {
    const jobs = await listJobs(pool, ADMIN, jobListQuery.parse({ status: 'queued' }));
    return new Map(jobs.map(({ id, waiting }) => [id, waiting]));
  };
  expect((await waiting()).get(second)).toEqual({ position: 2, reason: 'no_worker', retryAt: null });
  await pool.query(
    `insert into carga.workers (pool_id, host_name, process_id, concurrency, heartbeat_at) values ('p', 'h', 1, 1, now() + interval '1 hour')`,
  );
  expect((await waiting()).get(first)).toMatchObject({ position: 1, reason: 'next' });
  const later = `update graphile_worker._private_jobs set run_at = now() + interval '1 hour' where key = $1`;
  await pool.query(later, [`load:${third}`]);
  expect((await waiting()).get(third)).toEqual({
    position: null,
    reason: 'retry_scheduled',
    retryAt: expect.any(Date),
  });
  await pool.query(`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'p' where key = $1`, [
    `load:${first}`,
  ]);
  expect((await waiting()).get(second)).toMatchObject({ position: 1, reason: 'workers_busy' });
  await pool.query(`delete from carga.jobs where status = 'queued'`);
});

test('of two loads of a figura that merge, the later one waits for the other', async () => {
  const ids = [randomUUID(), randomUUID()];
  const begun = new Date();
  for (const [index, id] of ids.entries()) {
    await pool.query(
      `insert into carga.jobs (id, figura, status, phase, attempt, read_ms, bucket, object_key, etag, file_name, file_size_bytes, file_format,
         created_by_kind, created_by_name) values ($1, 'figura_1', 'processing', 'merging', 1, $2, 'b', 'k', 'e', 'f.csv', 1, 'csv', 'user', 'Ana')`,
      [id, 5000 - index * 3000],
    );
    await pool.query(`insert into carga.job_events (job_id, attempt, code, at) values ($1, 1, 'started', $2)`, [
      id,
      begun,
    ]);
  }
  const jobs = await listJobs(pool, ADMIN, jobListQuery.parse({ status: 'processing' }));
  const reasons = new Map(jobs.map(({ id, waiting }) => [id, waiting?.reason ?? null]));
  expect(ids.map((id) => reasons.get(id))).toEqual(['figura_locked', null]);
  await pool.query(`delete from carga.jobs where status = 'processing'`);
});

test('the overview adds up by the days of the zone, and only what the caller may see', async () => {
  // Buckets are asked for administrators only.
  const services = { pool } as unknown as Services;
  const asked = (zone: string) =>
    overviewQuery.parse({ from: '2026-01-01T00:00:00Z', to: '2026-03-01T00:00:00Z', zone });
  const limited = await readOverview(services, { ...VIEWER, figuras: ['*'] }, asked('UTC'));
  expect(limited.total).toMatchObject({
    jobs: JOBS,
    failed: 12,
    partial: 24,
    success: 84,
    cancelled: 0,
    longestMs: 10_000,
    rows: 406,
    written: 325,
    rejected: 81,
  });
  expect(limited.days.map(({ day, jobs }) => [day, jobs])).toEqual([['2026-01-31', JOBS]]);
  const east = await readOverview(services, { ...VIEWER, figuras: ['*'] }, asked('Asia/Tokyo'));
  expect(east.days.map(({ day }) => day)).toEqual(['2026-02-01']);
  expect(limited.faults).toEqual([
    { kind: 'row', code: 'not_null', jobs: 24, rows: 48 },
    { kind: 'job', code: 'malformed_csv', jobs: 12, rows: null },
  ]);
  const own = await readOverview(services, VIEWER, asked('UTC'));
  expect(own.figuras.map(({ figura, jobs }) => [figura, jobs])).toEqual([['figura_2', JOBS / 3]]);
  expect(own.system).toBeNull();
});

test('the authors are those of jobs the caller may see, each once', async () => {
  const all = Array.from({ length: 6 }, (_, n) => `Pessoa ${n}`);
  expect(await listJobAuthors(pool, ADMIN)).toEqual(all);
  // Every third job is of this figura, and so is every third author.
  expect(await listJobAuthors(pool, VIEWER)).toEqual(['Pessoa 1', 'Pessoa 4']);
  expect(await listJobAuthors(pool, { ...VIEWER, figuras: [] })).toEqual([]);
});
