// The whole product as a role that owns none of its tables: everything works, and the audit is out of its reach.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  stack = await startStack({ hasOwnRole: true });
  client = await openStackClient(stack);
  await client.db.query(`create schema papel; create table papel.t (id int primary key, nome text);
    grant usage on schema papel to carga_app; grant select, insert, update, delete on papel.t to carga_app`);
  await client.call('POST', '/api/figuras', { name: 'papeis', table: 'papel.t' });
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

const load = async (text: string, options: object = {}) => {
  const url = await client.upload('papeis', text, 'p.ndjson');
  return (await client.enqueue('papeis', { url, ...options })).json.id as string;
};

test('files are loaded, tried, refused, cancelled; a worker that dies is replaced', async () => {
  const done = await client.untilEnd('papeis', await load('{"id":1,"nome":"a"}\n{"id":"x"}\n'));
  expect(done).toMatchObject({ status: 'complete', result: 'partial', rows: { inserted: 1, rejected: 1 } });
  const dry = await client.untilEnd('papeis', await load('{"id":1,"nome":"b"}\n', { dryRun: true }));
  expect(dry).toMatchObject({ status: 'complete', rows: { updated: 1 } });
  const deleted = await client.untilEnd('papeis', await load('{"id":1,"op":"D"}\n{"id":2}\n'));
  expect(deleted.rows).toMatchObject({ deleted: 1, inserted: 1 });

  await stack.workers.splice(0)[0]?.kill('SIGTERM');
  stack.startWorker({ CARGA_FAILPOINTS: 'staged=kill' });
  const killed = await load('{"id":3}\n{"id":4}\n');
  await stack.workers[0]?.exited;
  stack.startWorker();
  expect(await client.untilEnd('papeis', killed)).toMatchObject({ status: 'complete', rows: { inserted: 2 } });
  const stages = async () =>
    (await client.db.query(`select tablename from pg_tables where schemaname = 'carga_stage'`)).rows;
  await expect.poll(stages).toEqual([]);

  const webhook = await client.call('POST', '/api/webhooks', { url: 'https://8.8.8.8:9/' });
  expect(webhook.status).toBe(201);
  await client.call('PATCH', `/api/webhooks/${webhook.json.id}`, { enabled: false });
});

test('who runs is the application, which cannot touch the audit', async () => {
  const { rows } = await client.db.query(
    `select distinct usename as role from pg_stat_activity where application_name like 'carga-%' and datname = current_database()`,
  );
  expect(rows).toEqual([{ role: 'carga_app' }]);
  const rights = await client.db.query(
    `select has_table_privilege('carga_app', 'carga.audit', verb) as has, verb
       from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'trigger']) as verb`,
  );
  expect(rights.rows.filter(({ has }) => has).map(({ verb }) => verb)).toEqual(['select', 'insert']);
  expect(stack.readLogs()).not.toMatch(/permission denied|must be owner/);
});
