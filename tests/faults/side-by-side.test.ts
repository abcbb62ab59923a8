import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const JOBS = 8;
// A trigger of each table waits for this lock, which the test holds: every job stands still inside its merge, holding
// whatever it holds there.
const GATE = 8_000_001;

let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  client = await openStackClient(stack);
  const env = { WORKER_CONCURRENCY: String(JOBS / 2) };
  stack.startWorker(env);
  stack.startWorker(env);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

test('eight jobs on different figuras run side by side: none waits for the lock of another', async () => {
  await client.db.query(`create schema lado; create function lado.wait() returns trigger language plpgsql as
    $f$ begin perform pg_advisory_xact_lock_shared(${GATE}); return null; end $f$; select pg_advisory_lock(${GATE})`);
  const names = Array.from({ length: JOBS }, (_job, index) => `lado_${index}`);
  for (const name of names) {
    await client.db.query(`create table lado.${name} (id int primary key, v text);
      create trigger wait after insert on lado.${name} execute function lado.wait()`);
    expect((await client.call('POST', '/api/figuras', { name, table: `lado.${name}` })).status).toBe(201);
  }
  const bytes = Array.from({ length: 2000 }, (_row, id) => JSON.stringify({ id, v: `v${id}` })).join('\n');
  const jobs = await Promise.all(
    names.map(async (name) => {
      const url = await client.upload(name, bytes, 'rows.ndjson');
      return { name, id: (await client.enqueue(name, { url })).json.id as string };
    }),
  );
  const merging = async () =>
    (
      await client.db.query(
        `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted and objid = ${GATE}`,
      )
    ).rows[0].n;
  await expect.poll(merging, { timeout: 200_000, interval: 200 }).toBe(JOBS);
  await client.db.query(`select pg_advisory_unlock(${GATE})`);
  const ends = await Promise.all(jobs.map(({ name, id }) => client.untilEnd(name, id)));
  for (const end of ends) expect(end).toMatchObject({ status: 'complete', attempts: 1, rows: { inserted: 2000 } });
  const lastStart = Math.max(...ends.map(({ startedAt }) => Date.parse(startedAt ?? '')));
  const firstEnd = Math.min(...ends.map(({ finishedAt }) => Date.parse(finishedAt ?? '')));
  expect(lastStart).toBeLessThan(firstEnd);
});
