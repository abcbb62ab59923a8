// Workers that are stopped and wake again, and workers that are asked to end.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeManyRows } from '../support/million-rows.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

/** Once in every run; `CARGA_TEST_STOPS=30` for the figure of a release. */
const STOPS = Number(process.env.CARGA_TEST_STOPS ?? 1);
/** `CARGA_TEST_TERMS=20` for the figure of a release; one is asked twice. */
const TERMS = Number(process.env.CARGA_TEST_TERMS ?? 1);
const TERM_STEPS = ['staged', 'fetched', 'validated', 'merged', 'staging'];
// A stopped worker is given up after 20 s of silence.
const STOP_LIMIT_MS = 300_000;

let stack: Stack;
let client: StackClient;
let small: Buffer;

beforeAll(async () => {
  stack = await startStack({ workers: 1 });
  client = await openStackClient(stack);
  small = await readFile(await writeManyRows(stack.dataDirectory, 2000));
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

test(
  'a stopped worker that wakes after another took over writes nothing',
  async () => {
    for (let run = 0; run < STOPS; run += 1) await stopAt('merged', `parado_${run}`);
  },
  STOPS * STOP_LIMIT_MS,
);

async function stopAt(step: string, name: string): Promise<void> {
  await createWatchedTable(client, name);
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const stopped = `"step":"${step}","action":"stop"`;
  const before = stack.readLogs().split(stopped).length;
  const sleeper = stack.startWorker({ CARGA_FAILPOINTS: `${step}=stop` });
  const url = await client.upload(name, small, 'small.parquet');
  const { json } = await client.enqueue(name, { url });
  await expect.poll(() => stack.readLogs().split(stopped).length).toBeGreaterThan(before);
  stack.startWorker();
  const job = await client.untilEnd(name, json.id, 180);
  expect(job, name).toMatchObject({ status: 'complete', attempts: 2, rows: { inserted: 2000 } });
  sleeper.kill('SIGCONT');
  expect((await sleeper.exited).code, name).not.toBe(0);
  stack.workers.shift();
  expect(await readWrites(client, name), name).toEqual({ rows: 2000, writes: 2000, keys: 2000 });
  expect((await client.call('GET', `/api/${name}/_bulk/status/${json.id}`)).json).toMatchObject({
    status: 'complete',
    attempts: 2,
  });
}

test(
  `SIGTERM once and twice, ${TERMS} times: the job is finished or handed back, and nothing stays locked`,
  async () => {
    const ends: Record<string, number> = {};
    let longestMs = 0;
    for (let run = 0; run < TERMS; run += 1) {
      const isTwice = run % 2 === 0;
      const name = `terminado_${run}`;
      await createWatchedTable(client, name);
      await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
      const step = TERM_STEPS[run % TERM_STEPS.length] as string;
      const times = () => stack.readLogs().split(`"step":"${step}","action":"sleep`).length;
      const before = times();
      // Asked once, a worker waits eight seconds for its load: half of them end in time.
      const first = stack.startWorker({ CARGA_FAILPOINTS: `${step}=sleep:${run % 4 < 2 ? 9000 : 2000}` });
      const url = await client.upload(name, small, 'small.parquet');
      const { json } = await client.enqueue(name, { url });
      await expect.poll(times).toBeGreaterThan(before);
      const asked = Date.now();
      const gone = first.kill('SIGTERM');
      if (isTwice) void first.kill('SIGTERM');
      await gone;
      longestMs = Math.max(longestMs, Date.now() - asked);
      expect((await first.exited).code, name).toBe(0);
      stack.workers.shift();
      const { rows } = await client.db.query(
        'select key from graphile_worker._private_jobs where locked_at is not null',
      );
      expect(rows, name).toEqual([]);
      const { status } = (await client.call('GET', `/api/${name}/_bulk/status/${json.id}`)).json;
      expect(['queued', 'complete'], name).toContain(status);
      ends[status] = (ends[status] ?? 0) + 1;
      stack.startWorker();
      const job = await client.untilEnd(name, json.id);
      expect(job, name).toMatchObject({ status: 'complete', rows: { inserted: 2000 } });
      expect(await readWrites(client, name), name).toEqual({ rows: 2000, writes: 2000, keys: 2000 });
    }
    console.log(`SIGTERM: ${TERMS} runs, ends ${JSON.stringify(ends)}, longest ${longestMs} ms, 0 left locked`);
    expect(longestMs).toBeLessThan(40_000);
  },
  TERMS * 120_000,
);
