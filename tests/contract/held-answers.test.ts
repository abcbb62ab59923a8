// Answers that are held open: they end when their caller may not have them any more, and only so many are worked on.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logIn, logOut } from '../support/browser-session.ts';
import { watchPace } from '../support/machine-pace.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const PASSWORD = 'canario-segredo-6';
const KEY_LIMIT_MS = 1000;
const PERSON_LIMIT_MS = 5000;
// What a quiet machine adds to any time that is measured here. A busy one is given more, by what a request takes meanwhile.
const SLACK_MS = 1500;
const SLOWNESS = 5;

let stack: Stack;
let client: StackClient;
let statusPath: string;
const secrets = [PASSWORD];
const answers: string[] = [];

beforeAll(async () => {
  stack = await startStack();
  client = await openStackClient(stack);
  await client.db.query('create schema espera; create table espera.itens (id int primary key, nome text not null)');
  await client.call('POST', '/api/figuras', { name: 'itens', table: 'espera.itens' });
  // Longer than what streams read ahead: a file that nobody reads stays open.
  const nome = 'n'.repeat(500);
  const rows = Array.from({ length: 2000 }, (_, index) => `${JSON.stringify({ id: index, nome })}\n`);
  const loaded = await client.enqueue('itens', { url: await client.upload('itens', rows.join(''), 'itens.ndjson') });
  await client.untilEnd('itens', loaded.json.id);
  loadedPath = `/api/itens/_bulk/status/${loaded.json.id}`;
  // Nobody works on the queue any more: this job waits for as long as anybody watches.
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const waiting = await client.enqueue('itens', {
    url: await client.upload('itens', '{"id":1,"nome":"x"}\n', 'x.ndjson'),
  });
  statusPath = `/api/itens/_bulk/status/${waiting.json.id}`;
});
let loadedPath: string;
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

type Credentials = Record<string, string>;
interface Holder {
  credentials: Credentials;
  takeAway(): Promise<unknown>;
  limitMs: number;
}

async function key(expiresAt?: string) {
  const body = { name: 'k', role: 'viewer', figuras: ['itens'], expiresAt };
  const { json } = await client.call('POST', '/api/keys', body);
  secrets.push(json.secret);
  return { id: json.id as string, credentials: { authorization: `Bearer ${json.secret}` } };
}

async function person(change: object): Promise<Holder> {
  const email = `${crypto.randomUUID()}@exemplo.org`;
  const body = { email, name: 'p', role: 'operator', figuras: ['itens'], password: PASSWORD };
  const { json } = await client.call('POST', '/api/users', body);
  const { cookie } = await logIn(stack.url, email, PASSWORD);
  const takeAway = () => client.call('PATCH', `/api/users/${json.id}`, change);
  return { credentials: { cookie }, takeAway, limitMs: PERSON_LIMIT_MS };
}

const HOLDERS: [string, () => Promise<Holder>][] = [
  [
    'a key that is revoked',
    async () => {
      const { id, credentials } = await key();
      return { credentials, takeAway: () => client.call('DELETE', `/api/keys/${id}`), limitMs: KEY_LIMIT_MS };
    },
  ],
  [
    'a key that expires',
    async () => {
      const at = Date.now() + 4000;
      const { credentials } = await key(new Date(at).toISOString());
      return { credentials, takeAway: () => sleep(at - Date.now()), limitMs: KEY_LIMIT_MS };
    },
  ],
  [
    'a person who logs out',
    async () => {
      const holder = await person({});
      const cookie = holder.credentials.cookie ?? '';
      return { ...holder, takeAway: () => logOut(stack.url, cookie) };
    },
  ],
  ['a person who is disabled', () => person({ disabled: true })],
  ['a person who is demoted', () => person({ role: 'viewer' })],
  ['a person with a new password', () => person({ password: 'canario-segredo-7' })],
  ['a person whose figuras are taken away', () => person({ figuras: [] })],
];

describe.each(HOLDERS)('%s', (_name, makeHolder) => {
  test('hears no more of a job', async () => {
    const { credentials, takeAway, limitMs } = await makeHolder();
    const stream = await fetch(`${stack.url}${statusPath}/events`, { headers: credentials });
    expect(stream.status).toBe(200);
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const pace = watchPace(() => fetch(`${stack.url}/api/health/ready`));
    await takeAway();
    const takenAt = performance.now();
    while (!(await reader.read()).done);
    const tookMs = performance.now() - takenAt;
    const slowestMs = await pace.stop();
    console.log(`event stream of ${_name}: closed after ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(limitMs + SLACK_MS + SLOWNESS * slowestMs);
    const again = await fetch(`${stack.url}${statusPath}/events`, { headers: credentials });
    await again.body?.cancel();
    // Somebody demoted is logged out; somebody without the figura is still somebody.
    expect([401, 404]).toContain(again.status);
  });

  test('waits for no more of a job', async () => {
    const { credentials, takeAway, limitMs } = await makeHolder();
    const waiting = fetch(`${stack.url}${statusPath}?wait=30`, { headers: credentials });
    await sleep(700);
    const pace = watchPace(() => fetch(`${stack.url}/api/health/ready`));
    await takeAway();
    const takenAt = performance.now();
    const answer = await waiting;
    const tookMs = performance.now() - takenAt;
    const slowestMs = await pace.stop();
    const text = await answer.text();
    answers.push(text);
    console.log(`?wait= of ${_name}: answered ${answer.status} after ${Math.round(tookMs)} ms`);
    expect([401, 403]).toContain(answer.status);
    expect(JSON.parse(text).code).toMatch(/^(invalid_credentials|unauthenticated|forbidden)$/);
    expect(tookMs).toBeLessThan(limitMs + SLACK_MS + SLOWNESS * slowestMs);
  });
});

test('a stream whose caller still may have it stays open', async () => {
  const { credentials } = await key();
  const given = new AbortController();
  const stream = await fetch(`${stack.url}${statusPath}/events`, { headers: credentials, signal: given.signal });
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
  let hasEnded = false;
  const reading = (async () => {
    while (!(await reader.read()).done);
    hasEnded = true;
  })();
  await sleep(2500);
  expect(hasEnded).toBe(false);
  given.abort();
  await reading.catch(() => {});
});

/** Reader processes that the web process has started and that still run. */
function readers(): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
      return Number(parent) === stack.web.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('reader');
    } catch {
      return false;
    }
  }).length;
}

test('many who want a file restored take turns, and the last are told when to come again', async () => {
  const CALLS = 40;
  let most = 0;
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      most = Math.max(most, process.platform === 'linux' ? readers() : 0);
      await sleep(20);
    }
  })();
  const calls = Array.from({ length: CALLS }, () =>
    fetch(`${stack.url}${loadedPath}/file?format=csv`, { headers: { authorization: `Bearer ${stack.apiKey}` } }),
  );
  const live = performance.now();
  expect((await fetch(`${stack.url}/api/health/live`)).status).toBe(200);
  const liveMs = Math.round(performance.now() - live);
  const given = await Promise.all(
    calls.map(async (call) => {
      const answer = await call;
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() };
    }),
  );
  const tookMs = performance.now() - live;
  isOver = true;
  await counting;
  const whole = given.filter(({ status }) => status === 200);
  const away = given.filter(({ status }) => status === 503);
  console.log(
    `${CALLS} restores at once: ${whole.length} given, ${away.length} sent away, ${most} readers, live ${liveMs} ms`,
  );
  expect(whole.length + away.length).toBe(CALLS);
  // Two at work and sixteen waiting; who has waited for half a minute is sent away, too.
  if (tookMs < 30_000) expect(whole.length).toBeGreaterThanOrEqual(18);
  expect(most).toBeLessThanOrEqual(2);
  for (const { text } of whole) expect(text.split('\n').length).toBeGreaterThan(2000);
  for (const { retryAfter, text } of away) {
    expect([Number(retryAfter), JSON.parse(text).code]).toEqual([expect.any(Number), 'too_busy']);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  }
});

test('HEAD leaves nothing open behind it', async () => {
  // More than the bucket is given connections at once.
  const TIMES = 60;
  const ask = (method: string, address: string) =>
    fetch(stack.url + address, { method, headers: { authorization: `Bearer ${stack.apiKey}` } });
  for (let time = 0; time < TIMES; time++) expect((await ask('HEAD', `${loadedPath}/file`)).status).toBe(200);
  expect((await (await ask('GET', `${loadedPath}/file`)).text()).split('\n').length).toBeGreaterThan(2000);
  expect((await ask('HEAD', `${loadedPath}/file?format=csv`)).headers.get('content-type')).toContain('text/csv');
  const left = () => readdirSync(path.join(stack.dataDirectory, 'temp')).filter((name) => name.includes('web'));
  await expect.poll(left, { timeout: 10_000 }).toEqual([]);
});

test('no secret stands in a log, an error, a task or the audit', async () => {
  expect(await findSecrets(stack, client, answers, secrets)).toEqual([]);
});
