import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeManyRows } from '../support/million-rows.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

// Five row groups of the smallest that DuckDB writes, a chunk each.
const CHUNK_ROWS = 2048;
const CHUNKS = 5;
const ROWS = CHUNKS * CHUNK_ROWS;
// PostgreSQL takes so long over each value, so that a chunk takes seconds on any machine: time to see who is at which.
const VALUE_SECONDS = 0.001;

let stack: Stack;
let client: StackClient;
let file: Buffer;

beforeAll(async () => {
  stack = await startStack({ workers: 2, env: { CARGA_CHUNK_ROWS: String(CHUNK_ROWS) } });
  client = await openStackClient(stack);
  file = await readFile(await writeManyRows(stack.dataDirectory, ROWS, CHUNK_ROWS));
  await client.db.query(`create schema lento;
    create function lento.wait(value text) returns boolean language plpgsql as
      $f$ begin perform pg_sleep(${VALUE_SECONDS}); return true; end $f$;
    create domain lento.texto as text check (lento.wait(value))`);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

interface Chunk {
  number: number;
  status: 'waiting' | 'staging' | 'done';
  token: string;
  pid: number;
  claims: number;
}

async function chunksOf(jobId: string): Promise<Chunk[]> {
  const { rows } = await client.db.query(
    `select c.number, c.status, c.token, w.process_id as pid, c.claims
       from carga.job_chunks c left join carga.workers w on w.id = c.worker_id where c.job_id = $1 order by c.number`,
    [jobId],
  );
  return rows;
}

test.each(['helper', 'leader'] as const)(
  'a %s killed amid its chunk: chunks that are done stay so, and nothing is applied twice',
  async (victim) => {
    const name = `morto_${victim}`;
    await createWatchedTable(client, name);
    await client.db.query(`alter table falhas.${name} alter column nome type lento.texto`);
    const url = await client.upload(name, file, 'rows.parquet');
    const { json } = await client.enqueue(name, { url });
    let killed = 0;
    await expect
      .poll(
        async () => {
          const { rows } = await client.db.query(
            `select w.process_id as pid from carga.jobs j join carga.workers w on w.id = j.worker_id where j.id = $1`,
            [json.id],
          );
          const chunks = await chunksOf(json.id);
          const busy = chunks.filter(({ status }) => status === 'staging').map(({ pid }) => pid);
          const ofLeader = busy.filter((pid) => pid === rows[0]?.pid);
          expect(ofLeader.length, 'a worker does not help itself').toBeLessThan(2);
          killed = (victim === 'leader' ? ofLeader[0] : busy.find((pid) => pid !== rows[0]?.pid)) ?? 0;
          // With one that waits: whoever was killed leaves work to do, at whatever moment it is hit.
          const has = (status: Chunk['status']) => chunks.some((chunk) => chunk.status === status);
          return new Set(busy).size === 2 && has('done') && has('waiting');
        },
        { timeout: 120_000, interval: 20 },
      )
      .toBe(true);
    const worker = stack.workers.find(({ pid }) => pid === killed);
    expect(worker).toBeDefined();
    await worker?.kill('SIGKILL');
    const before = await chunksOf(json.id);
    const job = await client.untilEnd(name, json.id, 240);
    expect(job).toMatchObject({
      status: 'complete',
      result: 'success',
      attempts: victim === 'leader' ? 2 : 1,
      rows: { read: ROWS, inserted: ROWS },
    });
    const after = await chunksOf(json.id);
    expect(after.map(({ status }) => status)).toEqual(Array.from({ length: CHUNKS }, () => 'done'));
    const done = before.filter(({ status }) => status === 'done');
    expect(done.length).toBeGreaterThan(0);
    for (const { number, token } of done) expect(after[number - 1]).toMatchObject({ token });
    // What the victim was at had to be begun again.
    expect(after.filter(({ claims }) => claims > 1).length).toBeGreaterThan(0);
    expect(await readWrites(client, name)).toEqual({ rows: ROWS, writes: ROWS, keys: ROWS });
    const tables = () =>
      client.db.query(
        `select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = 'carga_stage'`,
      );
    await expect.poll(async () => (await tables()).rows, { timeout: 30_000 }).toEqual([]);
    stack.workers.splice(stack.workers.indexOf(worker as (typeof stack.workers)[number]), 1);
    stack.startWorker();
  },
);
