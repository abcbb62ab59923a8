// Every change stands in the audit, with who, what before and after, from where, and how it ended; and it stays there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { logIn } from '../support/browser-session.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const PASSWORD = 'canario-segredo-9';

let stack: Stack;
let client: StackClient;

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query('create schema rastro; create table rastro.t (id int primary key)');
  await client.call('POST', '/api/figuras', { name: 'rastros', table: 'rastro.t' });
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

/** Entries since a moment, oldest first, without what is different each time. */
async function entries(filter: Record<string, string> = {}) {
  const { json } = await client.call('GET', `/api/audit?${new URLSearchParams({ limit: '1000', ...filter })}`);
  return json.items.reverse();
}
const actionsOf = async (target: string) =>
  (await entries({ target })).map(({ action, result, code }: Record<string, string>) => [action, result, code]);

test('the life of a job', async () => {
  const url = await client.upload('rastros', '{"id":1}\n{"id":"x"}\n', 'r.ndjson');
  const done = (await client.enqueue('rastros', { url })).json.id;
  await client.untilEnd('rastros', done);
  await client.enqueue('rastros', { url });
  const job = `/api/rastros/_bulk/status/${done}`;
  await client.call('GET', `${job}/errors`);
  await client.call('GET', `${job}/file?format=csv`);
  expect(await actionsOf(`job:${done}`)).toEqual([
    ['job.enqueued', 'done', null],
    ['job.errors_downloaded', 'done', null],
    ['job.file_downloaded', 'done', null],
  ]);
  const [enqueued] = await entries({ target: `job:${done}`, action: 'job.enqueued' });
  expect(enqueued).toMatchObject({
    actor: { kind: 'apiKey', name: 'CARGA_API_KEY' },
    address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
    after: { figura: 'rastros', file: 'r.ndjson', format: 'ndjson', mode: 'merge' },
  });
  const bad = await client.upload('rastros', '{"x":1}\n', 'ruim.ndjson');
  const failed = (await client.enqueue('rastros', { url: bad })).json.id;
  await client.untilEnd('rastros', failed);
  await client.call('POST', `/api/rastros/_bulk/status/${failed}/retry`);
  await client.untilEnd('rastros', failed);
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const waiting = (await client.enqueue('rastros', { url, force: true })).json.id;
  await client.call('POST', `/api/rastros/_bulk/status/${waiting}/cancellation`);
  stack.startWorker();
  const [, retried] = await entries({ target: `job:${failed}` });
  expect(retried).toMatchObject({ action: 'job.retried', before: { status: 'error', code: 'missing_key_column' } });
  const [, cancelled] = await entries({ target: `job:${waiting}` });
  expect(cancelled).toMatchObject({ action: 'job.cancelled', before: { status: 'queued' } });
});

test('uploads, with names that no database holds', async () => {
  const body = { fileName: 'a\ud800b.csv', size: 70 * 1024 * 1024 };
  const upload = await client.call('POST', '/api/rastros/_bulk/uploads', body);
  await client.call('DELETE', `/api/rastros/_bulk/uploads/${upload.json.id}`);
  expect(await actionsOf(`upload:${upload.json.id}`)).toEqual([
    ['upload.created', 'done', null],
    ['upload.aborted', 'done', null],
  ]);
});

test('people coming, going, and failing to come', async () => {
  const email = 'ana@exemplo.org';
  await client.call('POST', '/api/users', { email, name: 'Ana', role: 'viewer', figuras: ['*'], password: PASSWORD });
  await logIn(stack.url, email, 'errada-mesmo');
  await logIn(stack.url, 'ninguem-com-segredo@exemplo.org', PASSWORD);
  const { cookie } = await logIn(stack.url, email, PASSWORD);
  const csrf = await fetch(`${stack.url}/api/auth/csrf`, { headers: { cookie } });
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const cookies = [cookie, ...csrf.headers.getSetCookie().map((line) => line.split(';')[0])].join('; ');
  await fetch(`${stack.url}/api/auth/signout`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookies, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrfToken, json: 'true' }),
  });
  expect(await actionsOf(`user:${email}`)).toEqual([
    ['user.created', 'done', null],
    ['session.started', 'refused', 'invalid_credentials'],
    ['session.started', 'done', null],
    ['session.ended', 'done', null],
  ]);
  // What an unknown person typed may be a password in the wrong field.
  expect(await entries({ target: 'user:?' })).toMatchObject([
    { action: 'session.started', result: 'refused', actor: { kind: 'user', id: null, name: '?' } },
  ]);
  const [ended] = await entries({ action: 'session.ended' });
  expect(ended.address).toMatch(/^(127\.0\.0\.1|::1)$/);
});

test('changes that somebody may not make', async () => {
  const key = await client.call('POST', '/api/keys', { name: 'só lê', role: 'viewer', figuras: ['*'] });
  const authorization = `Bearer ${key.json.secret}`;
  expect((await client.call('DELETE', '/api/figuras/rastros', undefined, { authorization })).status).toBe(403);
  expect(await entries({ result: 'refused', actor: 'só lê' })).toMatchObject([
    { action: 'request.refused', target: 'DELETE /api/figuras/rastros', code: 'forbidden' },
  ]);
});

test('what was there before a removal', async () => {
  const key = await client.call('POST', '/api/keys', { name: '=1+1', role: 'admin', figuras: ['*'] });
  const authorization = `Bearer ${key.json.secret}`;
  await client.call('POST', '/api/figuras', { name: 'breve', table: 'rastro.t' }, { authorization });
  await client.call('DELETE', '/api/figuras/breve', undefined, { authorization });
  await client.call('DELETE', `/api/keys/${key.json.id}`);
  const [, removed] = await entries({ target: 'figura:breve' });
  expect(removed).toMatchObject({
    action: 'figura.removed',
    before: { schemaName: 'rastro', tableName: 't' },
    after: null,
  });
  const [, revoked] = await entries({ target: `key:${key.json.id}` });
  expect(revoked).toMatchObject({ action: 'key.revoked', before: { name: '=1+1', role: 'admin' } });
  const { text } = await client.call('GET', '/api/audit/export?target=figura:breve');
  const lines = text.replace('\ufeff', '').trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toBe('id,at,actor_kind,actor_id,actor_name,action,target,result,code,address,before,after');
  for (const line of lines.slice(1)) expect(line).toContain(`"'=1+1"`);
});

test('nothing of it can be changed, and no secret stands in it', async () => {
  for (const statement of [
    `update carga.audit set actor_name = 'outro'`,
    'delete from carga.audit',
    'truncate carga.audit',
    `set session_replication_role = replica; delete from carga.audit`,
  ]) {
    await expect(client.db.query(statement), statement).rejects.toThrow('append-only');
  }
  await client.db.query('reset session_replication_role');
  expect(await findSecrets(stack, client, [], [PASSWORD, 'errada-mesmo'])).toEqual([]);
});
