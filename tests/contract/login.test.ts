import { afterAll, beforeAll, expect, test } from 'vitest';
import { logIn } from '../support/browser-session.ts';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

const PASSWORD = 'canario-segredo-4';
const LIMIT = 10;
/** A proxy in front of the service, as far as the service knows; the test sits at the same address. */
const PROXY = '127.0.0.1';

let stack: Stack;
let client: StackClient;
const answers: string[] = [];

beforeAll(async () => {
  stack = await startStack({ workers: 0, env: { TRUSTED_PROXIES: `${PROXY},::1`, RATE_LIMIT_PER_MINUTE: '60' } });
  client = await openStackClient(stack);
  for (const name of ['vitima', 'outra', 'paralela']) {
    const body = { email: `${name}@exemplo.org`, name, role: 'viewer', password: PASSWORD };
    expect((await client.call('POST', '/api/users', body)).status).toBe(201);
  }
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

const from = (address: string) => ({ 'x-forwarded-for': address });
async function tryFrom(address: string, email: string, password: string) {
  const answer = await logIn(stack.url, email, password, from(address));
  answers.push(answer.body);
  return answer;
}

test('guessing is stopped, and locks nobody out but the one who guesses', async () => {
  const email = 'vitima@exemplo.org';
  for (let guess = 0; guess < LIMIT; guess++)
    expect((await tryFrom('203.0.113.1', email, `x${guess}`)).status).toBe(401);
  const stopped = await tryFrom('203.0.113.1', email, PASSWORD);
  expect(stopped.status).toBe(429);
  expect(stopped.cookie).toBe('');
  expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(60);
  expect(stopped.headers.get('content-type')).toContain('application/problem+json');
  const problem = JSON.parse(stopped.body);
  expect(problem).toMatchObject({ code: 'too_many_attempts', status: 429 });
  // What next-auth's script in the page looks for.
  expect(new URL(problem.url).searchParams.get('error')).toBe('too_many_attempts');
  expect((await tryFrom('203.0.113.1', email.toUpperCase(), PASSWORD)).status).toBe(429);
  const own = await tryFrom('198.51.100.7', email, PASSWORD);
  expect([own.status, own.cookie !== '']).toEqual([200, true]);
});

test('a claimed address before that of the proxy changes nothing', async () => {
  for (let guess = 0; guess < 3; guess++) {
    const answer = await tryFrom(`192.0.2.${guess}, 203.0.113.1`, 'vitima@exemplo.org', PASSWORD);
    expect(answer.status).toBe(429);
  }
});

test('a right password gives the tries back', async () => {
  const email = 'outra@exemplo.org';
  for (let guess = 0; guess < LIMIT - 1; guess++) await tryFrom('203.0.113.2', email, 'x');
  expect((await tryFrom('203.0.113.2', email, PASSWORD)).status).toBe(200);
  for (let guess = 0; guess < LIMIT - 1; guess++) expect((await tryFrom('203.0.113.2', email, 'x')).status).toBe(401);
});

test('guesses at the same moment are all counted', async () => {
  const tries = Array.from({ length: 3 * LIMIT }, () => tryFrom('203.0.113.3', 'paralela@exemplo.org', 'x'));
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(LIMIT);
  expect(statuses.filter((status) => status === 429)).toHaveLength(2 * LIMIT);
});

test('the answer does not tell who exists', async () => {
  const [known, unknown] = await Promise.all([
    tryFrom('203.0.113.4', 'vitima@exemplo.org', 'x'),
    tryFrom('203.0.113.4', 'ninguem@exemplo.org', 'x'),
  ]);
  expect([unknown.status, unknown.body]).toEqual([known.status, known.body]);
});

test('one address that tries many people is stopped', async () => {
  let status = 0;
  for (let guess = 0; guess <= 100 && status !== 429; guess += 10) {
    const some = Array.from({ length: 10 }, (_, index) => tryFrom('203.0.113.5', `p${guess + index}@exemplo.org`, 'x'));
    for (const answer of await Promise.all(some)) status = Math.max(status, answer.status);
  }
  expect(status).toBe(429);
});

test('the count outlives the process', async () => {
  await stack.restartWeb();
  expect((await tryFrom('203.0.113.1', 'vitima@exemplo.org', PASSWORD)).status).toBe(429);
});

test('a key that calls too often is told when to go on', async () => {
  const { json } = await client.call('POST', '/api/keys', { name: 'laço', role: 'viewer', figuras: ['*'] });
  const asKey = () => client.call('GET', '/api/jobs', undefined, { authorization: `Bearer ${json.secret}` });
  const first = await asKey();
  expect(first.headers.get('ratelimit-policy')).toBe('"key";q=60;w=60');
  expect(first.headers.get('ratelimit')).toMatch(/^"key";r=59;t=\d+$/);
  const answersOfLoop = await Promise.all(Array.from({ length: 60 }, asKey));
  const refused = answersOfLoop.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(1);
  expect(refused[0]?.json.code).toBe('too_many_requests');
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await client.call('GET', '/api/jobs')).status).toBe(200);
});

test('no secret stands in a log, an error, a task or the audit', async () => {
  expect(await findSecrets(stack, client, answers, [PASSWORD])).toEqual([]);
});
