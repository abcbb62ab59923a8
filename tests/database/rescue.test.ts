import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPool, type DbPool } from '#lib/db/pool.ts';
import { enqueueLoad } from '#lib/queue/load-task.ts';
import { rescueStrandedJobs } from '#lib/queue/rescue-jobs.ts';
import { createTestDatabase } from '../support/postgres.ts';

let pool: DbPool;

beforeAll(async () => {
  const database = await createTestDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'carga-test', max: 2 });
});
afterAll(() => pool.end());

async function makeJob(status: string, attempt: number): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `insert into carga.jobs (id, figura, status, attempt, bucket, object_key, etag, file_name, file_size_bytes, file_format,
                             created_by_kind, created_by_name)
     values ($1, 'fornecedores', $2::carga.job_status, $3, 'b', 'k', 'e', 'f', 1, 'parquet', 'system', 'test')`,
    [id, status, attempt],
  );
  return id;
}
const statusOf = async (id: string) =>
  (await pool.query('select status, error_code as code from carga.jobs where id = $1', [id])).rows[0];
const tasksOf = async (id: string) =>
  (await pool.query('select attempts from graphile_worker.jobs where key = $1', [`load:${id}`])).rows;

test('a job that lost its task gets a new one; one that has a task is left alone', async () => {
  const lost = await makeJob('processing', 1);
  const used = await makeJob('processing', 8);
  await enqueueLoad(pool, used);
  await pool.query(`update graphile_worker._private_jobs set attempts = max_attempts where key = $1`, [`load:${used}`]);
  const running = await makeJob('processing', 1);
  await enqueueLoad(pool, running);
  await pool.query(
    `update graphile_worker._private_jobs set attempts = max_attempts, locked_at = now(), locked_by = 'w' where key = $1`,
    [`load:${running}`],
  );
  expect(await rescueStrandedJobs(pool)).toBe(0);
  expect(await rescueStrandedJobs(pool, 0)).toBe(2);
  expect([await statusOf(lost), await statusOf(used), await statusOf(running)]).toMatchObject([
    { status: 'queued' },
    { status: 'queued' },
    { status: 'processing' },
  ]);
  expect([await tasksOf(lost), await tasksOf(used)]).toEqual([[{ attempts: 0 }], [{ attempts: 0 }]]);
  expect(await rescueStrandedJobs(pool, 0)).toBe(0);
});

test('a job that kills every worker ends in error, so that others go on', async () => {
  const poison = await makeJob('processing', 12);
  expect(await rescueStrandedJobs(pool, 0)).toBe(1);
  expect(await statusOf(poison)).toEqual({ status: 'error', code: 'attempts_exhausted' });
});
