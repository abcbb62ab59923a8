import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

test('a worker that lost the session proving it alive ends, and is never alive but idle', async () => {
  await createWatchedTable(client, 'vida');
  const worker = stack.workers[0];
  // Known by its heartbeat, which comes every two seconds.
  const endSession = async () =>
    (
      await client.db.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'carga-worker-%' and query like '%heartbeat_at%' and pid <> pg_backend_pid()`)
    ).rowCount;
  await expect.poll(endSession, { timeout: 30_000, interval: 200 }).toBeGreaterThan(0);
  const ended = await Promise.race([
    worker?.exited,
    new Promise((resolve) => setTimeout(resolve, 60_000, 'still there')),
  ]);
  expect(ended).toMatchObject({ code: 1 });
  stack.workers.shift();
  stack.startWorker();
  const row = JSON.stringify({ id: '00000000-0000-0000-0000-000000000001', nome: 'x' });
  const url = await client.upload('vida', row, 'um.ndjson');
  const { json } = await client.enqueue('vida', { url });
  expect(await client.untilEnd('vida', json.id)).toMatchObject({ status: 'complete', rows: { inserted: 1 } });
  expect(await readWrites(client, 'vida')).toEqual({ rows: 1, writes: 1, keys: 1 });
});
