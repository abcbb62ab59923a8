import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeManyRows } from '../support/million-rows.ts';
import { Random } from '../support/random.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

const ROWS = 200_000;
/** Few in every run; `CARGA_TEST_DATABASE_KILLS=40` for the figure of a release. */
const KILLS = Number(process.env.CARGA_TEST_DATABASE_KILLS ?? 2);
// A statement of this size takes some hundred milliseconds: a moment within it.
const LATEST_KILL_MS = 200;

let stack: Stack;
let client: StackClient;
let file: Buffer;
const random = new Random(KILLS);

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  file = await readFile(await writeManyRows(stack.dataDirectory, ROWS));
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

test.each(['staging', 'merged'])(
  'the postmaster killed at %s: the service says so, recovers, and the job is applied once',
  async (step) => {
    const name = `banco_${step}`;
    await createWatchedTable(client, name);
    await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
    const worker = stack.startWorker({ CARGA_FAILPOINTS: `${step}=sleep:1500` });
    const url = await client.upload(name, file, 'rows.parquet');
    const { json } = await client.enqueue(name, { url });
    await expect.poll(() => stack.readLogs(), { interval: 20 }).toContain(`"step":"${step}"`);
    process.kill(stack.postgres.pid, 'SIGKILL');
    await stack.postgres.exited;
    // Alive but idle would be the worst: the worker ends, and whoever supervises it starts another.
    expect((await worker.exited).code).not.toBe(0);
    stack.workers.shift();
    // Sessions of a killed server end when they notice: the web server's own may answer once more.
    await expect
      .poll(async () => {
        const away = await client.call('GET', `/api/${name}/_bulk/status/${json.id}`);
        return [away.status, away.json.code, away.headers.has('retry-after')];
      })
      .toEqual([503, 'database_unavailable', true]);
    await stack.restartPostgres();
    await client.close();
    client = await openStackClient(stack);
    stack.startWorker();
    const job = await client.untilEnd(name, json.id, 120);
    expect(job).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: ROWS } });
    expect(await readWrites(client, name)).toEqual({ rows: ROWS, writes: ROWS, keys: ROWS });
  },
);

const STATEMENTS = { copying: '^\\s*copy ', merging: '(merge|insert)\\s+into\\s+"?falhas' } as const;
type Statement = keyof typeof STATEMENTS;

/** Waits until a load runs this statement and gives the process it runs in. */
async function untilRunning(statement: Statement): Promise<number> {
  let pid = 0;
  const find = async () => {
    const { rows } = await client.db.query(
      `select pid from pg_stat_activity where application_name like 'carga-worker-%' and state = 'active' and query ~* $1`,
      [STATEMENTS[statement]],
    );
    pid = rows[0]?.pid ?? 0;
    return pid;
  };
  await expect.poll(find, { timeout: 120_000, interval: 5 }).toBeGreaterThan(0);
  return pid;
}

/** kill -9: the whole server is gone, or it ends all its sessions and recovers by itself. */
async function kill(victim: 'postmaster' | 'backend', backend: number): Promise<void> {
  if (victim === 'backend') {
    process.kill(backend, 'SIGKILL');
    return;
  }
  process.kill(stack.postgres.pid, 'SIGKILL');
  await stack.postgres.exited;
  await stack.restartPostgres();
}

async function openAgain(): Promise<StackClient> {
  let opened: StackClient | undefined;
  await expect
    .poll(async () => (opened = await openStackClient(stack).catch(() => undefined)), { timeout: 60_000 })
    .toBeDefined();
  return opened as StackClient;
}

test(
  `kill -9 amid COPY and MERGE, ${KILLS} times: nothing lost, nothing twice`,
  async () => {
    await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
    stack.startWorker();
    const counts: Record<string, number> = {};
    const pausesMs: number[] = [];
    let again = 0;
    for (let run = 0; run < KILLS; run += 1) {
      const victim = run % 2 === 0 ? 'postmaster' : 'backend';
      const statement: Statement = [0, 3].includes(run % 4) ? 'copying' : 'merging';
      const name = `amid_${run}`;
      await createWatchedTable(client, name);
      const url = await client.upload(name, file, 'rows.parquet');
      const { json } = await client.enqueue(name, { url });
      const backend = await untilRunning(statement);
      await new Promise((resolve) => setTimeout(resolve, random.integer(0, LATEST_KILL_MS)));
      await kill(victim, backend);
      const begun = Date.now();
      expect((await (stack.workers[0] as StackProcess).exited).code).not.toBe(0);
      stack.workers.shift();
      await client.close();
      client = await openAgain();
      stack.startWorker();
      const job = await client.untilEnd(name, json.id, 120);
      pausesMs.push(Date.now() - begun);
      expect(job, name).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: ROWS } });
      expect(await readWrites(client, name), name).toEqual({ rows: ROWS, writes: ROWS, keys: ROWS });
      counts[`${victim} ${statement}`] = (counts[`${victim} ${statement}`] ?? 0) + 1;
      if (job.attempts > 1) again += 1;
      await client.db.query(`drop table falhas.${name}; drop table falhas.${name}_writes`);
    }
    pausesMs.sort((a, b) => a - b);
    console.log(
      `kill -9 of PostgreSQL: ${KILLS} runs ${JSON.stringify(counts)}, ${again} begun again, 0 lost, 0 doubled, done at most ${pausesMs.at(-1)} ms after`,
    );
  },
  KILLS * 120_000,
);
