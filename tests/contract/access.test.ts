// Who may call what: role × figura × route, generated from the list of routes, held against the contract's own words.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '#lib/access/caller.ts';
import type { RouteSpec } from '#lib/api/route-spec.ts';
import { ROUTES } from '#lib/api/routes.ts';
import { logIn } from '../support/browser-session.ts';
import { type ContractClient, openContractClient } from '../support/contract.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const NO_ID = '00000000-0000-4000-8000-000000000000';
const PASSWORD = 'canario-segredo-2';

let stack: Stack;
let client: StackClient;
let contract: ContractClient;
const secrets = [PASSWORD];

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  contract = await openContractClient(stack.url, stack.apiKey);
  await client.db.query('create schema acesso; create table acesso.t (id int primary key)');
  await registerDada();
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

const registerDada = () => client.call('POST', '/api/figuras', { name: 'dada', table: 'acesso.t' });

async function makeKey(role: Role, figuras: string[], expiresAt?: string) {
  const { json } = await client.call('POST', '/api/keys', { name: `${role} ${figuras}`, role, figuras, expiresAt });
  secrets.push(json.secret);
  return json as { id: string; secret: string };
}

async function makeUser(role: Role, figuras: string[]) {
  const email = `${crypto.randomUUID()}@exemplo.org`;
  const { json } = await client.call('POST', '/api/users', { email, name: role, role, figuras, password: PASSWORD });
  const { cookie } = await logIn(stack.url, email, PASSWORD);
  expect(cookie).not.toBe('');
  return { id: json.id as string, email, cookie };
}

/**
 * The contract's rule in its own words, apart from the code's table: a viewer reads jobs and figuras, an operator also
 * sends, cancels and retries, an administrator does everything; counts over all figuras are for who has them all.
 */
function leastRole(name: string): Role | 'anybody' {
  const [method, path = ''] = name.split(' ');
  if (/^\/api\/(health\/|openapi\.json|access-links\/)/.test(path)) return 'anybody';
  if (path === '/api/profile') return 'viewer';
  if (/^\/api\/(keys|users|audit|webhooks)/.test(path)) return 'admin';
  if (/^\/api\/figuras/.test(path)) return method === 'GET' ? 'viewer' : 'admin';
  if (/_bulk\/uploads/.test(path)) return 'operator';
  if (/_bulk|^\/api\/(jobs(\/authors)?|overview|metrics)$/.test(path)) return method === 'GET' ? 'viewer' : 'operator';
  throw new Error(`no rule for ${name}`);
}

function expectedRefusal(name: string, role: Role, figuras: string[]): string | null {
  const least = leastRole(name);
  if (least === 'anybody') return null;
  const isGiven = role === 'admin' || figuras.includes('*') || figuras.includes('dada');
  if (name.includes('{figura}') && !isGiven) return 'figura_not_found';
  if (ROLES.indexOf(role) < ROLES.indexOf(least)) return 'forbidden';
  if (name === 'GET /api/metrics' && role !== 'admin' && !figuras.includes('*')) return 'forbidden';
  return null;
}

const REFUSALS = new Set([
  'forbidden',
  'figura_not_found',
  'unauthenticated',
  'invalid_credentials',
  'cross_origin',
  'too_many_requests',
]);

/** Calls every route as somebody and gives what each refusal was; requests are otherwise empty and change nothing. */
async function refusalsFor(headers: Record<string, string>): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {};
  for (const [route, spec] of Object.entries(ROUTES) as [string, RouteSpec][]) {
    const answer = await contract.call({
      route,
      params: { figura: 'dada', id: NO_ID },
      ...(spec.body ? { body: '{"nada":1}' } : {}),
      headers,
    });
    expect({ route, faults: answer.faults }).toEqual({ route, faults: [] });
    if (route === 'DELETE /api/figuras/{figura}' && answer.status === 204) await registerDada();
    const code = answer.json?.code;
    found[route] = answer.status >= 400 && REFUSALS.has(code) ? code : null;
  }
  return found;
}

const expected = (role: Role, figuras: string[]) =>
  Object.fromEntries(Object.keys(ROUTES).map((name) => [name, expectedRefusal(name, role, figuras)]));

describe('what each may do', () => {
  test.each(ROLES.flatMap((role) => [['dada'], ['outra'], ['*']].map((figuras) => [role, figuras] as const)))(
    'a key of a %s with %s',
    async (role, figuras) => {
      const { secret } = await makeKey(role, figuras);
      expect(await refusalsFor({ authorization: `Bearer ${secret}` })).toEqual(expected(role, figuras));
    },
  );

  test.each(ROLES)('the session of a %s', async (role) => {
    const { cookie } = await makeUser(role, ['dada']);
    const headers = { authorization: '', cookie, origin: stack.url };
    expect(await refusalsFor(headers)).toEqual(expected(role, ['dada']));
  });

  test.each([
    ['nobody', {}, 'unauthenticated'],
    ['a made-up key', { authorization: 'Bearer carga_x' }, 'invalid_credentials'],
    ['another scheme', { authorization: 'Basic eDp5' }, 'invalid_credentials'],
    ['a made-up cookie', { cookie: 'next-auth.session-token=eyJhbGciOiJub25lIn0.e30.' }, 'unauthenticated'],
    [
      'headers that a proxy once honoured',
      { 'x-middleware-subrequest': 'middleware:middleware', 'x-forwarded-user': 'admin', 'x-real-ip': '127.0.0.1' },
      'unauthenticated',
    ],
  ] as const)('%s', async (_name, headers, code) => {
    const found = await refusalsFor({ authorization: '', ...headers });
    const closed = Object.entries(found).filter(([name]) => leastRole(name) !== 'anybody');
    expect(closed.filter(([, refusal]) => refusal !== code)).toEqual([]);
  });

  test('paths written otherwise open nothing', async () => {
    for (const path of ['/api/keys/', '/api//keys', '/API/keys', '/api/keys.rsc', '/api/keys?_rsc=1', '/api/%6Beys']) {
      const answer = await fetch(stack.url + path, { headers: { rsc: '1' } });
      expect({ path, isOpen: answer.status < 300 && (await answer.text()).includes('secret') }).toEqual({
        path,
        isOpen: false,
      });
      expect([401, 404]).toContain(answer.status);
    }
  });

  test('lists show only what was given', async () => {
    const { secret } = await makeKey('viewer', ['dada']);
    const { json } = await client.call('GET', '/api/figuras', undefined, { authorization: `Bearer ${secret}` });
    expect(json.items.map(({ name }: { name: string }) => name)).toEqual(['dada']);
  });
});

describe('what was given is taken away', () => {
  const asKey = (secret: string) => client.call('GET', '/api/jobs', undefined, { authorization: `Bearer ${secret}` });
  const asUser = (cookie: string) => client.call('GET', '/api/jobs', undefined, { authorization: '', cookie });

  test('a revoked key fails at the next call', async () => {
    const { id, secret } = await makeKey('operator', ['*']);
    expect((await asKey(secret)).status).toBe(200);
    await client.call('DELETE', `/api/keys/${id}`);
    expect((await asKey(secret)).json.code).toBe('invalid_credentials');
  });

  test('an expired key fails', async () => {
    const expiresAt = Date.now() + 1500;
    const { secret } = await makeKey('viewer', ['*'], new Date(expiresAt).toISOString());
    const { status } = await asKey(secret);
    // What a machine that stood still meanwhile was answered says nothing.
    if (Date.now() < expiresAt) expect(status).toBe(200);
    await sleep(expiresAt + 100 - Date.now());
    expect((await asKey(secret)).json.code).toBe('invalid_credentials');
  });

  test.each([
    ['disabled', { disabled: true }],
    ['demoted', { role: 'viewer' }],
    ['given a new password', { password: 'canario-segredo-3' }],
  ])('the old cookie of somebody %s is worth nothing', async (_name, change) => {
    secrets.push('canario-segredo-3');
    const user = await makeUser('operator', ['*']);
    expect((await asUser(user.cookie)).status).toBe(200);
    expect((await client.call('PATCH', `/api/users/${user.id}`, change)).status).toBe(200);
    expect((await asUser(user.cookie)).json.code).toBe('unauthenticated');
  });

  test('another name does not end a session, taking figuras away does at once what it says', async () => {
    const user = await makeUser('viewer', ['dada']);
    await client.call('PATCH', `/api/users/${user.id}`, { name: 'Outro' });
    const figura = () => client.call('GET', '/api/figuras/dada', undefined, { authorization: '', cookie: user.cookie });
    expect((await figura()).status).toBe(200);
    await client.call('PATCH', `/api/users/${user.id}`, { figuras: [] });
    expect((await figura()).json.code).toBe('figura_not_found');
  });
});

test("a session's call that changes something comes from our own pages", async () => {
  const { cookie } = await makeUser('operator', ['*']);
  const send = (headers: Record<string, string>) =>
    client.call(
      'POST',
      '/api/dada/_bulk/uploads',
      { fileName: 'x.csv', size: 1 },
      { authorization: '', cookie, ...headers },
    );
  for (const origin of ['https://mau.example', 'null', `${stack.url}.mau.example`, 'http://localhost:1']) {
    expect((await send({ origin })).json.code).toBe('cross_origin');
  }
  expect((await send({})).json.code).toBe('cross_origin');
  expect((await send({ 'sec-fetch-site': 'cross-site' })).json.code).toBe('cross_origin');
  expect((await send({ origin: stack.url })).status).toBe(201);
});

test('no secret stands in a log, an error, a task or the audit', async () => {
  expect(await findSecrets(stack, client, contract.problems, secrets)).toEqual([]);
});
