import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KILL_FORMATS, type KillFormat, readManyRows, writeManyRows } from '../support/million-rows.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

const MILLION = 1_000_000;
// Well under the queue's own four hours; what the contract promises is 15 s.
const RESUME_LIMIT_MS = 15_000;
/** Once in every run; `CARGA_TEST_STEP_KILLS=5` for the figure of a release. */
const STEP_KILLS = Number(process.env.CARGA_TEST_STEP_KILLS ?? 1);

let stack: Stack;
let client: StackClient;
let small: Record<KillFormat, Buffer>;
let big: Buffer;

async function until<T>(what: string, read: () => Promise<T | false | undefined>, limitMs = 120_000): Promise<T> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const value = await read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}\n${stack.readLogs().slice(-4000)}`);
}

beforeAll(async () => {
  stack = await startStack({ workers: 1 });
  client = await openStackClient(stack);
  small = await readManyRows(stack.dataDirectory, 2000);
  big = await readFile(await writeManyRows(stack.dataDirectory, MILLION));
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

test('resumes a job whose worker was killed while it staged a million rows', async () => {
  await createWatchedTable(client, 'milhao');
  const url = await client.upload('milhao', big, 'milhao.parquet');
  const { json } = await client.enqueue('milhao', { url });
  const staging = await until('rows being staged', async () => {
    const { json: job } = await client.call('GET', `/api/milhao/_bulk/status/${json.id}`);
    expect(job.status, 'the worker must be killed before it is done').not.toBe('complete');
    return job.phase === 'staging' && job.rows.read > 50_000 && job;
  });
  expect(staging.attempts).toBe(1);
  await stack.workers[0]?.kill('SIGKILL');
  const second = stack.startWorker();
  stack.workers.shift();
  const started = await until('the second worker', async () => {
    const { rows } = await client.db.query(`select 1 from carga.workers where process_id = $1`, [second.pid]);
    return rows.length > 0 && Date.now();
  });
  const resumedAfterMs = await until('the second attempt', async () => {
    const { json: job } = await client.call('GET', `/api/milhao/_bulk/status/${json.id}`);
    return job.attempts === 2 && Math.max(1, Date.now() - started);
  });
  expect(resumedAfterMs).toBeLessThan(RESUME_LIMIT_MS);
  const job = await client.untilEnd('milhao', json.id, 280);
  console.log(`resumed ${resumedAfterMs} ms after the second worker was there; whole job ${job.timings.totalMs} ms`);
  expect(job).toMatchObject({
    status: 'complete',
    result: 'success',
    attempts: 2,
    rows: { read: MILLION, inserted: MILLION },
  });
  expect(await readWrites(client, 'milhao')).toEqual({ rows: MILLION, writes: MILLION, keys: MILLION });
});

const STEPS = [
  'claimed',
  'fetched',
  'staging',
  'copying',
  'staged',
  'validated',
  'merging',
  'merged',
  'before_commit',
  'committed',
];

test.each(STEPS)(
  'a worker killed at %s loses nothing and applies nothing twice',
  async (step) => {
    for (let run = 0; run < STEP_KILLS; run += 1) {
      const format = KILL_FORMATS[(STEPS.indexOf(step) + run) % KILL_FORMATS.length] as KillFormat;
      await killAt(step, `passo_${step}_${run}`, format);
    }
  },
  STEP_KILLS * 120_000,
);

async function killAt(step: string, name: string, format: KillFormat): Promise<void> {
  await createWatchedTable(client, name);
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const doomed = stack.startWorker({ CARGA_FAILPOINTS: `${step}=kill` });
  const url = await client.upload(name, small[format], `small.${format}`);
  const { json } = await client.enqueue(name, { url });
  expect((await doomed.exited).signal).toBe('SIGKILL');
  stack.workers.shift();
  stack.startWorker();
  const job = await client.untilEnd(name, json.id);
  expect(job, name).toMatchObject({ status: 'complete', rows: { read: 2000, inserted: 2000 } });
  expect(await readWrites(client, name), name).toEqual({ rows: 2000, writes: 2000, keys: 2000 });
  const stages = async () =>
    (await client.db.query(`select tablename from pg_tables where schemaname = 'carga_stage'`)).rows;
  await expect.poll(stages, { message: name }).toEqual([]);
}
