import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeManyRows } from '../support/million-rows.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

const ROWS = 200_000;
let stack: Stack;
let client: StackClient;
let file: Buffer;

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  file = await readFile(await writeManyRows(stack.dataDirectory, ROWS));
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

test.each(['staging', 'copying', 'merging', 'merged'])(
  'the postmaster killed at %s: the service says so, recovers, and the job is applied once',
  async (step) => {
    const name = `banco_${step}`;
    await createWatchedTable(client, name);
    await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
    const worker = stack.startWorker({ CARGA_FAILPOINTS: `${step}=sleep:1500` });
    const url = await client.upload(name, file, 'rows.parquet');
    const { json } = await client.enqueue(name, { url });
    while (!stack.readLogs().includes(`"step":"${step}"`)) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(stack.postgres.pid, 'SIGKILL');
    await stack.postgres.exited;
    // Alive but idle would be the worst: the worker ends, and whoever supervises it starts another.
    expect((await worker.exited).code).not.toBe(0);
    stack.workers.shift();
    const away = await client.call('GET', `/api/${name}/_bulk/status/${json.id}`);
    expect([away.status, away.json.code]).toEqual([503, 'database_unavailable']);
    expect(away.headers.get('retry-after')).toBeTruthy();
    await stack.restartPostgres();
    await client.close();
    client = await openStackClient(stack);
    stack.startWorker();
    const job = await client.untilEnd(name, json.id, 120);
    expect(job).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: ROWS } });
    expect(await readWrites(client, name)).toEqual({ rows: ROWS, writes: ROWS, keys: ROWS });
  },
);
