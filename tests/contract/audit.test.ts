// Every change stands in the audit, with who, what before and after, from where, and how it ended; and it stays there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROUTES, type RouteName } from '#lib/api/routes.ts';
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
  for (const method of ['GET', 'HEAD'])
    expect((await client.call(method, '/api/users', undefined, { authorization })).status).toBe(403);
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

type ChangingRoute = Exclude<RouteName, `GET ${string}`>;
/** What each route that changes something writes, and which sides of it; null: it only looks. */
const WRITTEN: Record<ChangingRoute, [action: string, ...sides: ('before' | 'after')[]] | null> = {
  'POST /api/figuras': ['figura.created', 'after'],
  'PATCH /api/figuras/{figura}': ['figura.changed', 'before', 'after'],
  'DELETE /api/figuras/{figura}': ['figura.removed', 'before'],
  'POST /api/{figura}/_bulk/uploads': ['upload.created', 'after'],
  'DELETE /api/{figura}/_bulk/uploads/{id}': ['upload.aborted', 'before'],
  'POST /api/{figura}/_bulk/uploads/{id}/complete': ['upload.completed', 'after'],
  'PUT /api/{figura}/_bulk': ['job.enqueued', 'after'],
  'POST /api/{figura}/_bulk/status/{id}/retry': ['job.retried', 'before'],
  'POST /api/{figura}/_bulk/status/{id}/cancellation': ['job.cancelled', 'before'],
  'POST /api/keys': ['key.created', 'after'],
  'DELETE /api/keys/{id}': ['key.revoked', 'before'],
  'POST /api/users': ['user.created', 'after'],
  'PATCH /api/users/{id}': ['user.changed', 'before', 'after'],
  'POST /api/users/{id}/link': ['user.link_created', 'after'],
  'POST /api/access-links/inspection': null,
  'POST /api/access-links/acceptance': ['user.joined'],
  'PATCH /api/profile': ['profile.changed', 'before', 'after'],
  'POST /api/webhooks': ['webhook.created', 'after'],
  'PATCH /api/webhooks/{id}': ['webhook.changed', 'before', 'after'],
  'POST /api/webhooks/{id}/secret': ['webhook.secret_changed', 'after'],
  'POST /api/webhooks/{id}/test': ['webhook.tested'],
  'POST /api/webhooks/{id}/deliveries/{deliveryId}/retry': ['webhook.delivery_retried', 'after'],
  'DELETE /api/webhooks/{id}': ['webhook.removed', 'before'],
};

test('every route that changes something', async () => {
  const [{ id: start }] = await entries({ limit: '1' });
  const walked = new Set<string>();
  const walk = async (route: ChangingRoute, params: Record<string, string>, body?: unknown, headers = {}) => {
    const [method = '', template = ''] = route.split(' ');
    const path = template.replace(/\{(\w+)\}/g, (_all, name) => params[name] ?? 'andanca');
    const answer = await client.call(method, path, body, headers);
    expect({ route, fault: answer.status < 300 ? '' : answer.text }).toEqual({ route, fault: '' });
    walked.add(route);
    const [newest] = await entries({ limit: '1' });
    const written = WRITTEN[route];
    if (written === null) return answer;
    const [action, ...sides] = written;
    expect({ route, ...newest }).toMatchObject({ route, action, result: 'done', code: null });
    expect(newest.actor.name).not.toBe('?');
    expect(newest.address).toMatch(/^(127\.0\.0\.1|::1)$/);
    expect(newest.target).toMatch(/^(figura|upload|job|key|user|webhook):./);
    for (const side of ['before', 'after'] as const) {
      expect({ route, side, isThere: newest[side] !== null }).toEqual({ route, side, isThere: sides.includes(side) });
    }
    return answer;
  };

  await walk('POST /api/figuras', {}, { name: 'andanca', table: 'rastro.t' });
  await walk('PATCH /api/figuras/{figura}', {}, { title: 'Andança' });
  const given = (await walk('POST /api/{figura}/_bulk/uploads', {}, { fileName: 'a.csv', size: 3 })).json;
  await walk('DELETE /api/{figura}/_bulk/uploads/{id}', { id: given.id });
  const large = (await walk('POST /api/{figura}/_bulk/uploads', {}, { fileName: 'b.ndjson', size: 2 ** 27 })).json;
  const [{ url: partUrl }] = large.multipart.parts;
  const file = Buffer.alloc(large.multipart.partSize, '\n');
  file.write('{"x":1}');
  const part = await fetch(partUrl, { method: 'PUT', body: file });
  // The first part is enough to see the entry: all 128 MiB would say no more.
  await client.db.query('update carga.uploads set size_bytes = $2 where id = $1', [large.id, file.length]);
  const parts = [{ partNumber: 1, etag: part.headers.get('etag') }];
  const { url } = (await walk('POST /api/{figura}/_bulk/uploads/{id}/complete', { id: large.id }, { parts })).json;
  const { id } = (await walk('PUT /api/{figura}/_bulk', {}, { url })).json;
  expect(await client.untilEnd('andanca', id)).toMatchObject({ status: 'error' });
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  await walk('POST /api/{figura}/_bulk/status/{id}/retry', { id });
  await walk('POST /api/{figura}/_bulk/status/{id}/cancellation', { id });
  stack.startWorker();

  const key = (await walk('POST /api/keys', {}, { name: 'anda', role: 'viewer', figuras: ['*'] })).json;
  await walk('DELETE /api/keys/{id}', { id: key.id });
  const email = 'caminha@exemplo.org';
  const user = (await walk('POST /api/users', {}, { email, name: 'Bia', role: 'viewer', figuras: [] })).json;
  await walk('PATCH /api/users/{id}', { id: user.id }, { role: 'operator' });
  const link = (await walk('POST /api/users/{id}/link', { id: user.id })).json;
  const token = link.url.split('#')[1];
  await walk('POST /api/access-links/inspection', {}, { token });
  await walk('POST /api/access-links/acceptance', {}, { token, password: PASSWORD });
  const { cookie } = await logIn(stack.url, email, PASSWORD);
  const session = { authorization: '', cookie, origin: stack.url };
  await walk('PATCH /api/profile', {}, { name: 'Beatriz' }, session);

  const webhook = (await walk('POST /api/webhooks', {}, { url: 'https://8.8.8.8:9/' })).json;
  await walk('PATCH /api/webhooks/{id}', { id: webhook.id }, { description: 'x' });
  await walk('POST /api/webhooks/{id}/secret', { id: webhook.id });
  const sent = (await walk('POST /api/webhooks/{id}/test', { id: webhook.id })).json;
  await walk('POST /api/webhooks/{id}/deliveries/{deliveryId}/retry', { id: webhook.id, deliveryId: sent.id });
  await walk('DELETE /api/webhooks/{id}', { id: webhook.id });
  await walk('DELETE /api/figuras/{figura}', {});

  const changing = Object.keys(ROUTES).filter((name) => !name.startsWith('GET '));
  expect(changing.filter((name) => !walked.has(name))).toEqual([]);

  // And who was kept from it, by what stands behind the route's own door.
  const wrong = { newPassword: 'outra-senha-longa', currentPassword: 'errada-mesmo' };
  expect((await client.call('PATCH', '/api/profile', wrong, session)).json.code).toBe('wrong_password');
  const alien = await client.call('PUT', '/api/rastros/_bulk', { url: 's3://alheio/x.csv' });
  expect(alien.json.code).toBe('source_not_allowed');
  const foreign = await client.call('PUT', '/api/rastros/_bulk', { url }, session);
  expect(foreign.json.code).toBe('figura_not_found');
  await client.call('POST', '/api/access-links/inspection', { token });
  await client.call('POST', '/api/access-links/acceptance', { token, password: PASSWORD });
  const refused = (await entries({ result: 'refused' })).filter(
    (entry: { id: string }) => BigInt(entry.id) > BigInt(start),
  );
  expect(refused.map(({ action, target, code }: Record<string, string>) => [action, target, code])).toEqual([
    ['request.refused', 'PATCH /api/profile', 'wrong_password'],
    ['request.refused', 'PUT /api/rastros/_bulk', 'source_not_allowed'],
    ['request.refused', 'PUT /api/rastros/_bulk', 'figura_not_found'],
    ['user.link_tried', 'user:?', 'access_link_not_found'],
    ['user.link_tried', 'user:?', 'access_link_not_found'],
  ]);
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
  // The superuser could take the trigger away; nothing that runs here is one.
  const { rows } = await client.db.query(
    `select distinct r.rolname as role, r.rolsuper as super from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
      where a.application_name like 'carga-%'`,
  );
  expect(rows).toEqual([{ role: new URL(stack.applicationUrl).username, super: false }]);
  expect(await findSecrets(stack, client, [], [PASSWORD, 'errada-mesmo'])).toEqual([]);
});
