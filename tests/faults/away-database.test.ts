// PostgreSQL that is away for long, whose line is cut or says nothing any more, or one of whose processes is killed.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type FaultyLine, openFaultyLine } from '../support/faulty-line.ts';
import { writeManyRows } from '../support/million-rows.ts';
import { Random } from '../support/random.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

/** Few in every run; `CARGA_TEST_AWAY_SECONDS=60 CARGA_TEST_AWAY=20` for the figures of a release. */
const AWAY_SECONDS = Number(process.env.CARGA_TEST_AWAY_SECONDS ?? 3);
const AWAY = Number(process.env.CARGA_TEST_AWAY ?? 2);
const ROWS = 100_000;
/** A worker gives its sessions up after half a minute without an answer, and somebody starts another; twice that and more for a busy machine. */
const SILENT_LIMIT_MS = 120_000;

let stack: Stack;
let client: StackClient;
let line: FaultyLine;
let file: Buffer;
let made = 0;
const random = new Random(AWAY);

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  client = await openStackClient(stack);
  line = await openFaultyLine(new URL(stack.databaseUrl));
  file = await readFile(await writeManyRows(stack.dataDirectory, ROWS));
});
afterEach(() => {
  line.state = 'whole';
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
  await line?.close();
});

/** A worker that reaches PostgreSQL by the line only, started again when it ends, as any supervisor would. */
function supervise(env: Record<string, string> = {}) {
  const url = new URL(stack.applicationUrl);
  url.port = String(line.port);
  let isOver = false;
  let ends = 0;
  let current: StackProcess;
  const running = (async () => {
    while (!isOver) {
      current = stack.startWorker({ ...env, DATABASE_URL: url.href });
      const { code } = await current.exited;
      stack.workers.splice(stack.workers.indexOf(current), 1);
      ends += 1;
      if (!isOver) expect(code).not.toBe(0);
      if (!isOver) await sleep(500);
    }
  })();
  return {
    get ends() {
      return ends;
    },
    get current() {
      return current;
    },
    async stop() {
      isOver = true;
      await current.kill('SIGKILL');
      await running;
    },
  };
}

async function enqueue() {
  const name = `longe_${made++}`;
  await createWatchedTable(client, name);
  const url = await client.upload(name, file, 'rows.parquet');
  const { json } = await client.enqueue(name, { url });
  return { name, id: json.id as string };
}

const statusOf = async (id: string) =>
  (await client.db.query(`select status from carga.jobs where id = $1`, [id])).rows[0]?.status;

async function expectAppliedOnce({ name, id }: { name: string; id: string }) {
  expect(await client.untilEnd(name, id, 200)).toMatchObject({ status: 'complete', rows: { inserted: ROWS } });
  expect(await readWrites(client, name)).toEqual({ rows: ROWS, writes: ROWS, keys: ROWS });
}

test(
  `a line to PostgreSQL that is cut for ${AWAY_SECONDS} s amid a load, ${AWAY} times: nothing idles, nothing is lost or doubled`,
  async () => {
    const supervised = supervise();
    const pausesMs: number[] = [];
    for (let run = 0; run < AWAY; run += 1) {
      const job = await enqueue();
      await expect.poll(() => statusOf(job.id), { interval: 20 }).not.toBe('queued');
      await sleep(random.integer(0, 2000));
      line.state = 'cut';
      await sleep(AWAY_SECONDS * 1000);
      line.state = 'whole';
      const begun = Date.now();
      await expectAppliedOnce(job);
      pausesMs.push(Date.now() - begun);
    }
    console.log(
      `line to PostgreSQL cut for ${AWAY_SECONDS} s: ${AWAY} runs, ${supervised.ends} ends of workers, done at most ${Math.max(...pausesMs)} ms after`,
    );
    await supervised.stop();
  },
  AWAY * (AWAY_SECONDS + 240) * 1000,
);

// Half a minute each: the second only with `CARGA_TEST_SLOW=1`.
test.each(['worker that loads', ...(process.env.CARGA_TEST_SLOW === '1' ? ['worker that waits'] : [])])(
  'a line that says nothing any more: the %s ends, and the next one does the job',
  async (which) => {
    const supervised = supervise();
    const first = supervised.current;
    await expect.poll(() => line.connections).toBeGreaterThan(3);
    const before = which === 'worker that loads' ? await enqueue() : undefined;
    if (before) await expect.poll(() => statusOf(before.id), { interval: 10 }).toBe('processing');
    else await sleep(3000);
    line.state = 'silent';
    const begun = Date.now();
    const end = await Promise.race([first.exited, sleep(SILENT_LIMIT_MS, 'still there')]);
    expect(end).toMatchObject({ code: 1 });
    console.log(`silent line: the ${which} ended after ${Date.now() - begun} ms`);
    line.reset();
    line.state = 'whole';
    await expectAppliedOnce(before ?? (await enqueue()));
    await supervised.stop();
  },
  300_000,
);
