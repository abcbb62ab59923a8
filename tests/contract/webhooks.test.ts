// Webhooks on the whole product: from the end of a job to a receiver that checks the signature.
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findSecrets } from '../support/secrets.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const PATIENCE = { timeout: 60_000 };

let receiver: WebhookReceiver;
let stack: Stack;
let client: StackClient;
let webhook: { id: string; secret: string };
const secrets: string[] = [];

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  stack = await startStack({ env: { WEBHOOK_ALLOWED_HOSTS: receiver.host } });
  client = await openStackClient(stack);
  await client.db.query('create schema aviso; create table aviso.t (id int primary key, nome text)');
  await client.call('POST', '/api/figuras', { name: 'avisos', table: 'aviso.t' });
  await client.call('POST', '/api/figuras', { name: 'calados', table: 'aviso.t' });
  const made = await client.call('POST', '/api/webhooks', { url: receiver.url, figuras: ['avisos'] });
  webhook = made.json;
  secrets.push(webhook.secret);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
  await receiver?.stop();
});
beforeEach(() => {
  receiver.messages.length = 0;
  receiver.answers.length = 0;
});

const load = async (text: string, figura = 'avisos') => {
  const url = await client.upload(figura, text, 'a.ndjson');
  return (await client.enqueue(figura, { url })).json.id as string;
};
/** What arrived, each message checked by the specification's own library. */
const received = (secret = webhook.secret) =>
  receiver.messages.map(
    ({ body, headers }) => new Webhook(secret).verify(body, headers) as { type: string; data: never },
  );
const deliveries = async () => (await client.call('GET', `/api/webhooks/${webhook.id}/deliveries`)).json.items;
/** The delivery of a job, or of the test button's message; none before the job has ended. */
const deliveryOf = async (id: string) =>
  (await deliveries()).find((delivery: { id: string; jobId: string }) => [delivery.id, delivery.jobId].includes(id));
/** Brings the next try of every message to this moment. */
const hurry = () =>
  client.db.query(
    `update graphile_worker._private_jobs set run_at = now() where key like 'webhook:%' and locked_at is null`,
  );

test('jobs that finish, fail and are cancelled are told, of the figuras asked for', async () => {
  const done = await load('{"id":1,"nome":"a"}\n{"id":"x"}\n');
  const failed = await load('{"nome":"sem chave"}\n');
  await client.untilEnd('calados', await load('{"id":2}\n', 'calados'));
  await expect.poll(() => receiver.messages.length, PATIENCE).toBe(2);
  const told = received().sort((a, b) => b.type.localeCompare(a.type));
  expect(told).toMatchObject([
    { type: 'job.finished', data: { id: done, result: 'partial', rows: { read: 2, inserted: 1, rejected: 1 } } },
    { type: 'job.failed', data: { id: failed, result: 'failed', error: { code: 'missing_key_column' } } },
  ]);
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const waiting = await load('{"id":3}\n');
  await client.call('POST', `/api/avisos/_bulk/status/${waiting}/cancellation`);
  stack.startWorker();
  await expect.poll(() => receiver.messages.length, PATIENCE).toBe(3);
  expect(received().at(-1)).toMatchObject({ type: 'job.cancelled', data: { id: waiting, result: null } });
});

test('a message that failed is tried again until it is taken, under the same id', async () => {
  receiver.answers.push(500, 503);
  const failed = expect.objectContaining({ status: 500, ms: expect.any(Number) });
  const id = await load('{"id":4}\n');
  // The second try comes by itself after five seconds, the third, which is taken, after half a minute more.
  await expect
    .poll(() => deliveryOf(id), PATIENCE)
    .toMatchObject({ jobId: id, status: 'pending', tries: expect.arrayContaining([failed]) });
  await expect.poll(() => hurry().then(() => receiver.messages.length), PATIENCE).toBe(3);
  await expect.poll(async () => (await deliveryOf(id)).status, PATIENCE).toBe('delivered');
  const delivery = await deliveryOf(id);
  expect(delivery.tries.map(({ status }: { status: number }) => status)).toEqual([500, 503, 200]);
  expect(new Set(receiver.messages.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery.messageId]));
  expect(received()).toHaveLength(3);
});

test('a worker that is killed while it delivers loses nothing', async () => {
  receiver.answers.push(0);
  const id = await load('{"id":5}\n');
  await expect.poll(() => receiver.messages.length, PATIENCE).toBe(1);
  await stack.restartWorker(stack.workers[0] as never, 'SIGKILL');
  await expect.poll(() => receiver.messages.length, PATIENCE).toBe(2);
  expect(received()).toMatchObject([{ data: { id } }, { data: { id } }]);
  await expect.poll(async () => (await deliveryOf(id)).status, PATIENCE).toBe('delivered');
});

test('the test button sends once, the log sends again, a new secret signs beside the old one', async () => {
  receiver.answers.push(500);
  const tested = await client.call('POST', `/api/webhooks/${webhook.id}/test`);
  expect([tested.status, tested.json.event]).toEqual([202, 'webhook.test']);
  await expect.poll(async () => (await deliveryOf(tested.json.id)).status, PATIENCE).toBe('failed');
  const rotated = await client.call('POST', `/api/webhooks/${webhook.id}/secret`);
  secrets.push(rotated.json.secret);
  const again = await client.call('POST', `/api/webhooks/${webhook.id}/deliveries/${tested.json.id}/retry`);
  expect(again.status).toBe(202);
  await expect.poll(async () => (await deliveryOf(tested.json.id)).status, PATIENCE).toBe('delivered');
  expect(received()).toMatchObject([{ type: 'webhook.test' }, { type: 'webhook.test' }]);
  const last = receiver.messages.at(-1);
  expect(new Webhook(rotated.json.secret).verify(last?.body ?? '', last?.headers ?? {})).toMatchObject({
    type: 'webhook.test',
  });
  const audit = await client.call('GET', `/api/audit?target=webhook:${webhook.id}`);
  expect(audit.json.items.map(({ action }: { action: string }) => action)).toEqual([
    'webhook.delivery_retried',
    'webhook.secret_changed',
    'webhook.tested',
    'webhook.created',
  ]);
});

test('no secret of a webhook stands in a log, an answer or a table', async () => {
  const answers = await Promise.all(
    ['', `/${webhook.id}`, `/${webhook.id}/deliveries`].map((path) => client.call('GET', `/api/webhooks${path}`)),
  );
  expect(
    await findSecrets(
      stack,
      client,
      answers.map(({ text }) => text),
      // What follows the prefix is the key itself.
      secrets.map((secret) => secret.slice('whsec_'.length)),
    ),
  ).toEqual([]);
});
