// What a stranger sends: headers that once opened doors, foreign origins and hosts, bodies that are too much.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RouteSpec } from '#lib/api/route-spec.ts';
import { ROUTES } from '#lib/api/routes.ts';
import { type LogIn, logIn, logOut } from '../support/browser-session.ts';
import { fetchAgainIfClosed } from '../support/fetch-again.ts';
import { type PaceWatch, watchPace } from '../support/machine-pace.ts';
import { sendRaw } from '../support/raw-request.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const NO_ID = '00000000-0000-4000-8000-000000000000';
const PASSWORD = 'canario-segredo-8';
/** Stands in data that nobody without credentials may see. */
const CANARY = 'canario_oculto';
/** Every page behind the door, from the folders that Next reads. */
const PAGES = globSync('**/page.tsx', { cwd: path.resolve(import.meta.dirname, '../../app/(admin)') })
  .map((file) =>
    `/${path.dirname(file)}`
      .replace(/^\/\.$/, '/')
      .replace('[figura]', CANARY)
      .replace('[id]', NO_ID),
  )
  .sort();
const EVIL = 'https://mau.example';
const MEBIBYTE = 1024 * 1024;

let stack: Stack;
let client: StackClient;
let cookie: string;
const answers: string[] = [];

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  client = await openStackClient(stack);
  await client.db.query(`create schema ataque; create table ataque.t (id int primary key)`);
  await client.call('POST', '/api/figuras', { name: CANARY, title: CANARY, table: 'ataque.t' });
  const user = { email: `${CANARY}@exemplo.org`, name: CANARY, role: 'admin', figuras: ['*'], password: PASSWORD };
  expect((await client.call('POST', '/api/users', user)).status).toBe(201);
  cookie = (await logIn(stack.url, user.email, PASSWORD)).cookie;
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

const routes = Object.entries(ROUTES) as [string, RouteSpec][];
const pathOf = (route: string) =>
  (route.split(' ')[1] as string).replace('{figura}', CANARY).replace('{id}', NO_ID).replace('{number}', '1');
const closed = routes.filter(([, { permission }]) => permission !== 'public');

async function send(url: string, init: RequestInit = {}) {
  const answer = await fetchAgainIfClosed(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  answers.push(text);
  return { status: answer.status, headers: answer.headers, text };
}

/** Follows what Next answers to its own headers: the same address with another parameter. */
async function sendOn(url: string, init: RequestInit = {}) {
  const answer = await send(url, init);
  const location = URL.parse(answer.headers.get('location') ?? '', url);
  const isOwn = answer.status === 307 && location?.pathname === new URL(url).pathname;
  return isOwn ? send(location.href, init) : answer;
}

describe('without credentials', () => {
  const HEADERS: Record<string, string>[] = [
    { 'x-middleware-subrequest': 'middleware' },
    { 'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware' },
    { 'x-middleware-subrequest': 'src/middleware:src/middleware:src/middleware:src/middleware:src/middleware' },
    { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
    { 'x-middleware-next': '1', 'x-middleware-rewrite': '/chaves', 'x-middleware-override-headers': 'cookie' },
    { rsc: '1' },
    { rsc: '1', 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' },
    { purpose: 'prefetch', 'x-middleware-prefetch': '1' },
    { 'x-nextjs-data': '1', 'x-matched-path': '/login', 'x-invoke-path': '/login', 'x-invoke-status': '200' },
    { 'x-original-url': '/login', 'x-rewrite-url': '/login', 'x-forwarded-uri': '/login' },
    { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost', 'x-carga-address': '127.0.0.1' },
    { 'x-http-method-override': 'GET', 'x-forwarded-user': 'admin@localhost', 'x-remote-user': 'admin@localhost' },
    { cookie: 'next-auth.session-token=; __Secure-next-auth.session-token=x' },
  ];
  const spellings = (page: string) => [
    page,
    `${page}/`,
    `${page}.rsc`,
    `${page}?_rsc=1`,
    `${page}.json`,
    `/_next/data/x${page}.json`,
    page.toUpperCase(),
    `/.${page}`,
    `//${page.slice(1)}`,
    `${page}%00`,
    page.replace(/\/(\w)/, (_all, letter) => `/%${letter.charCodeAt(0).toString(16)}`),
    `${page};x=1`,
    `/login/..${page}`,
  ];

  test('no page shows anything, however it is asked for', async () => {
    const shown = [];
    let asked = 0;
    for (const page of PAGES) {
      for (const address of spellings(page)) {
        for (const headers of address === page ? HEADERS : [{}, { rsc: '1' }]) {
          asked++;
          const { status, text } = await sendOn(stack.url + address, { headers });
          if (text.includes(CANARY) && !address.includes(CANARY)) shown.push({ address, headers, status });
          // A link that stands in the frame of pages for people who logged in.
          if (text.includes('href="/pessoas"')) shown.push({ address, headers, status });
        }
      }
    }
    console.log(`pages asked for without credentials: ${asked}, ${shown.length} shown`);
    expect(shown).toEqual([]);
    // The signs that are looked for are there once somebody has logged in.
    const { text } = await send(`${stack.url}/chaves`, { headers: { cookie } });
    expect([text.includes(CANARY), text.includes('href="/pessoas"')]).toEqual([true, true]);
  });

  test('no route answers, however it is asked for', async () => {
    const open = [];
    let asked = 0;
    for (const [route] of closed) {
      const [method = 'GET'] = route.split(' ');
      const address = pathOf(route);
      const ways = [
        ...HEADERS.map((headers) => ({ address, headers })),
        ...spellings(address).map((written) => ({ address: written, headers: {} as Record<string, string> })),
      ];
      for (const way of ways) {
        asked++;
        const { status, text } = await sendOn(stack.url + way.address, { method, headers: way.headers });
        // To who says that it only looks ahead Next answers with nothing, before any handler is asked.
        const isNothing = 'x-middleware-prefetch' in way.headers && text === '{}';
        const isRefused = [308, 400, 401, 404, 405].includes(status) || isNothing;
        if (!isRefused || text.includes('"items"')) open.push({ route, status, text, ...way });
      }
    }
    console.log(`routes asked for without credentials: ${asked}, ${open.length} open`);
    expect(open).toEqual([]);
  });
});

describe('with a session that somebody else makes use of', () => {
  test('no foreign page changes anything', async () => {
    const origins = [
      EVIL,
      'null',
      `${stack.url}.mau.example`,
      'http://localhost:1',
      stack.url.replace('http', 'https:'),
    ];
    const changing = closed.filter(([route]) => !route.startsWith('GET '));
    const passed = [];
    const ways: Record<string, string>[] = [
      ...origins.map((origin) => ({ origin })),
      {},
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: EVIL },
      { origin: EVIL, host: 'mau.example', 'x-forwarded-host': 'mau.example' },
    ];
    for (const [route] of changing) {
      for (const headers of ways) {
        const { status, text } = await send(stack.url + pathOf(route), {
          method: route.split(' ')[0],
          headers: { cookie, 'content-type': 'text/plain', ...headers },
          body: '{}',
        });
        if (status !== 403 || JSON.parse(text).code !== 'cross_origin') passed.push({ route, headers, status });
      }
    }
    expect(changing.length).toBeGreaterThan(10);
    expect(passed).toEqual([]);
  });

  test('nobody is logged in or out by a form without the token of its page', async () => {
    const form = (fields: Record<string, string>) => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
      body: new URLSearchParams({ json: 'true', ...fields }),
    });
    const email = `${CANARY}@exemplo.org`;
    for (const csrfToken of ['', 'x', 'a'.repeat(64)]) {
      const login = await send(
        `${stack.url}/api/auth/callback/credentials`,
        form({ csrfToken, email, password: PASSWORD }),
      );
      expect(login.headers.getSetCookie().filter((line) => /session-token=[^;]/.test(line))).toEqual([]);
      const logout = await send(`${stack.url}/api/auth/signout`, form({ csrfToken }));
      expect(logout.headers.getSetCookie().filter((line) => line.includes('session-token'))).toEqual([]);
    }
    expect((await send(`${stack.url}/api/jobs`, { headers: { cookie } })).status).toBe(200);
  });

  test('a session that was put there beforehand is not the one that begins', async () => {
    const fixed = 'next-auth.session-token=fixado-por-outro';
    const begun = await logIn(stack.url, `${CANARY}@exemplo.org`, PASSWORD, {});
    expect(begun.cookie).not.toContain('fixado');
    expect((await send(`${stack.url}/api/jobs`, { headers: { cookie: fixed } })).status).toBe(401);
    const line = begun.headers.getSetCookie().find((one) => one.startsWith('next-auth.session-token=')) ?? '';
    expect(line).toMatch(/httponly/i);
    expect(line).toMatch(/samesite=lax/i);
  });

  test('a copy of the cookie is worth nothing once its owner has logged out, and no other session ends', async () => {
    const [mine, other] = await Promise.all([1, 2].map(() => logIn(stack.url, `${CANARY}@exemplo.org`, PASSWORD)));
    const asked = (one: LogIn | undefined) => send(`${stack.url}/api/jobs`, { headers: { cookie: one?.cookie ?? '' } });
    expect([(await asked(mine)).status, (await asked(other)).status]).toEqual([200, 200]);
    expect((await logOut(stack.url, mine?.cookie ?? '')).status).toBe(200);
    expect([(await asked(mine)).status, (await asked(other)).status]).toEqual([401, 200]);
  });

  test('no login leads elsewhere, whatever callbackUrl and Host say', async () => {
    const targets = [
      ...[EVIL, '//mau.example', 'https:mau.example', '/\\mau.example', 'javascript:alert(1)', 'data:text/html,x'],
      ...[`${stack.url}@mau.example`, `${stack.url}.mau.example`, '%68ttps://mau.example', '\thttps://mau.example'],
    ];
    const led = [];
    for (const callbackUrl of targets) {
      const csrf = await fetch(`${stack.url}/api/auth/csrf`);
      const { csrfToken } = (await csrf.json()) as { csrfToken: string };
      const cookies = csrf.headers.getSetCookie().map((line) => line.split(';')[0]);
      const login = await send(`${stack.url}/api/auth/callback/credentials`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookies.join('; ') },
        body: new URLSearchParams({ csrfToken, email: `${CANARY}@exemplo.org`, password: PASSWORD, callbackUrl }),
      });
      const page = await send(`${stack.url}/login?${new URLSearchParams({ callbackUrl })}`, { headers: { cookie } });
      for (const location of [login, page].map(({ headers }) => headers.get('location') ?? '/'))
        if (new URL(location, stack.url).origin !== stack.url) led.push({ callbackUrl, location });
    }
    expect(led).toEqual([]);
    const { host } = new URL(stack.url);
    for (const headers of [
      `Host: mau.example`,
      `Host: ${host}\r\nX-Forwarded-Host: mau.example`,
      `Host: ${host}@mau.example`,
    ]) {
      for (const address of [
        '/',
        '/api/auth/signin',
        '/api/auth/providers',
        '/api/openapi.json',
        '/cargas/',
        '/login',
      ]) {
        const text = await sendRaw(stack.url, `GET ${address} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`);
        expect([address, headers, /(location:|"url"|Url"|href=)[^\n]{0,80}mau\.example/i.test(text)]).toEqual([
          address,
          headers,
          false,
        ]);
      }
    }
  });

  test('guessing does not begin anew with each address that is claimed', async () => {
    const GUESSES = 40;
    const claim = (address: string) => ({
      'x-forwarded-for': address,
      'x-real-ip': address,
      forwarded: `for=${address}`,
      'cf-connecting-ip': address,
      'true-client-ip': address,
      'x-client-ip': address,
      'x-carga-address': address,
    });
    const statuses = [];
    for (let guess = 0; guess < GUESSES; guess++) {
      const { status } = await logIn(stack.url, 'vitima@exemplo.org', `x${guess}`, claim(`203.0.113.${guess}`));
      statuses.push(status);
    }
    const tried = statuses.filter((status) => status === 401).length;
    console.log(`${GUESSES} guesses under ${GUESSES} claimed addresses: ${tried} looked at`);
    expect(tried).toBe(10);
  });
});

describe('what is sent is too much, or not what it should be', () => {
  const withBody = closed.filter(([, { body }]) => body !== undefined);
  /** How requests end that come slowly: begun first, since that takes longer than all the rest. */
  let slowly: Promise<{ text: string; tookMs: number }[]>;
  let pace: PaceWatch;
  beforeAll(() => {
    const { host } = new URL(stack.url);
    const slow = ['GET /api/health/live HTTP/1.1\r\n', `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: `];
    pace = watchPace(() => fetch(`${stack.url}/api/health/live`));
    slowly = Promise.all(
      slow.map(async (bytes) => {
        const begun = Date.now();
        const text = await sendRaw(stack.url, bytes, 120);
        return { text, tookMs: Date.now() - begun };
      }),
    );
  });
  const asAdministrator = () => ({ authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' });

  /** An answer may come, and the connection go, before all of it was sent. */
  async function post(route: string, body: BodyInit): Promise<{ status: number; code?: string }> {
    const init: RequestInit & { duplex: 'half' } = {
      method: route.split(' ')[0],
      headers: asAdministrator(),
      body,
      duplex: 'half',
    };
    const { status, text } = await send(stack.url + pathOf(route), init);
    return { status, code: text === '' ? undefined : JSON.parse(text).code };
  }

  test('bodies over the limit', async () => {
    for (const [route] of withBody) {
      const stated = await post(route, `{"x":"${'x'.repeat(11 * MEBIBYTE)}"}`).catch(() => 'cut');
      if (stated !== 'cut') expect([route, stated]).toEqual([route, { status: 413, code: 'body_too_large' }]);
      let left = 12;
      const endless = new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(Buffer.alloc(MEBIBYTE, ' '));
          else controller.close();
        },
      });
      const chunked = await post(route, endless).catch(() => 'cut');
      if (chunked !== 'cut') expect([route, chunked]).toEqual([route, { status: 413, code: 'body_too_large' }]);
      // Just below the limit it is read to its end, not cut: a JSON text cut short would be no JSON.
      const below = await post(route, `{"x":"${'x'.repeat(MEBIBYTE - 100)}"}`);
      expect([route, below]).toEqual([route, { status: 422, code: 'invalid_request' }]);
    }
  });

  test('JSON that is none, is not UTF-8, or goes deep', async () => {
    const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
    for (const [route] of withBody) {
      for (const body of ['', '{', 'null x', "{'a':1}", deep(100_000, '[', ''), deep(90_000, '{"a":', '')]) {
        expect([route, await post(route, body)]).toEqual([route, { status: 400, code: 'invalid_json' }]);
      }
      expect(await post(route, Buffer.from('{"a":"\xff"}', 'latin1'))).toEqual({ status: 400, code: 'invalid_json' });
      for (const body of [
        deep(200_000, '[', ']'),
        `${'{"mapping":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
        '[]',
        '7',
        'null',
      ]) {
        expect([route, await post(route, body)]).toEqual([route, { status: 422, code: 'invalid_request' }]);
      }
    }
  });

  test('methods that an address does not take', async () => {
    const paths = new Set(routes.map(([route]) => route.split(' ')[1] as string));
    let asked = 0;
    for (const template of paths) {
      const taken = routes.filter(([route]) => route.endsWith(` ${template}`)).map(([route]) => route.split(' ')[0]);
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (taken.includes(method) || (method === 'HEAD' && taken.includes('GET'))) continue;
        asked++;
        const answer = await send(stack.url + pathOf(`GET ${template}`), { method });
        const allow = (answer.headers.get('allow') ?? '').split(', ');
        expect([template, method, allow]).toEqual([template, method, expect.arrayContaining(taken)]);
        expect(allow).not.toContain(method === 'OPTIONS' ? '' : method);
        expect([template, method, answer.status]).toEqual([template, method, method === 'OPTIONS' ? 204 : 405]);
        if (method === 'OPTIONS' || method === 'HEAD') continue;
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(JSON.parse(answer.text)).toMatchObject({ code: 'method_not_allowed', status: 405 });
      }
    }
    console.log(`${asked} methods that ${paths.size} addresses do not take: 405 with Allow and a problem`);
  });

  test('paths that cannot be decoded, methods that nobody knows', async () => {
    for (const address of ['/api/%E0%A4%A/_bulk', '/api/figuras/%ff', '/api/jobs/%', '/%ff', '/figuras/%zz?x=%20']) {
      const { status, headers, text } = await send(stack.url + address, { headers: asAdministrator() });
      // A page below one of ours leads to the login page first.
      expect([address, address.startsWith('/figuras/') ? 307 : 404]).toEqual([address, status]);
      if (address.startsWith('/api/')) expect(headers.get('x-request-id')).toBe(JSON.parse(text).requestId);
    }
    const { host } = new URL(stack.url);
    for (const method of ['TRACE', 'PROPFIND', 'SEARCH']) {
      const text = await sendRaw(stack.url, `${method} /api/jobs HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      expect(text).toMatch(/^HTTP\/1\.1 405 [^\r]*\r\n(?:.*\r\n)*allow: GET, /i);
    }
  });

  test('headers that never end, come slowly, or are too many', async () => {
    const { host } = new URL(stack.url);
    for (const { text, tookMs } of await slowly) {
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
      expect(tookMs).toBeLessThan(25_000 + 10 * (await pace.stop()));
    }
    const many = await sendRaw(stack.url, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`);
    expect(many).toMatch(/^HTTP\/1\.1 431 /);
    const wrong = await sendRaw(stack.url, 'NADA\r\n\r\n');
    expect(wrong).toMatch(/^HTTP\/1\.1 400 /);
    const two = `POST /api/keys HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`;
    expect(await sendRaw(stack.url, two)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

test('no page of an administrator holds a secret of the service', async () => {
  const authSecret = readFileSync(path.join(stack.dataDirectory, 'auth-secret'), 'utf8').trim();
  const texts = [];
  const there = PAGES.filter((page) => !page.includes(NO_ID));
  for (const page of [...there, '/login', '/docs']) {
    for (const headers of [{ cookie }, { cookie, rsc: '1' }] as Record<string, string>[]) {
      const { status, text } = await send(stack.url + page, { headers, redirect: 'follow' });
      expect([page, status]).toEqual([page, 200]);
      texts.push(text);
      // What the page loads.
      for (const [, script] of text.matchAll(/src="(\/_next\/[^"]+\.js)"/g))
        texts.push((await send(stack.url + script)).text);
    }
  }
  expect(authSecret.length).toBeGreaterThan(30);
  expect(await findSecrets(stack, client, texts, [PASSWORD, authSecret, stack.s3.accessKeyId])).toEqual([]);
});

test('no secret stands in a log, an error, a task or the audit', async () => {
  expect(await findSecrets(stack, client, answers, [PASSWORD])).toEqual([]);
  expect(stack.readLogs().match(/"code":"internal"|unexpected fault/g)).toBeNull();
});

test.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00%2B14:00', '9999-12-31T23:59:59-12:00'])(
  'a moment that PostgreSQL cannot hold is refused in every filter: %s',
  async (moment) => {
    for (const list of ['/api/jobs', '/api/audit', '/api/audit/export', '/api/overview']) {
      expect((await client.call('GET', `${list}?to=${moment}`)).status, list).toBe(422);
    }
  },
);
