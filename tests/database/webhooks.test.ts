// What the database tells webhooks when jobs end, and what a try to deliver leaves behind.
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool, type DbPool } from '#lib/db/pool.ts';
import { createLogger } from '#lib/log.ts';
import { deliverWebhook } from '#lib/webhooks/deliver-webhook.ts';
import { deriveSealingKey, sealPrefix, sealSecret } from '#lib/webhooks/seal-secret.ts';
import { sealStoredSecrets } from '#lib/webhooks/seal-stored-secrets.ts';
import { generateWebhookSecret } from '#lib/webhooks/sign-webhook.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const key = deriveSealingKey('segredo-de-hoje-segredo-de-hoje-segredo');
const oldKey = deriveSealingKey('segredo-de-ontem-segredo-de-ontem-segredo');

let pool: DbPool;
let receiver: WebhookReceiver;

beforeAll(async () => {
  const database = await createTestDatabase();
  pool = createPool({ connectionString: database.url, applicationName: 'carga-test', max: 4 });
  receiver = await startWebhookReceiver();
});
afterAll(async () => {
  await receiver?.stop();
  await pool?.end();
});
beforeEach(async () => {
  receiver.messages.length = 0;
  receiver.answers.length = 0;
  await pool.query('delete from carga.webhooks');
  await pool.query(`delete from graphile_worker._private_jobs`);
});

interface Settings {
  figuras?: string[];
  events?: string[];
  enabled?: boolean;
  secret?: string;
  previousSecret?: string;
  previousFor?: string;
}

async function makeWebhook(settings: Settings = {}): Promise<string> {
  const { rows } = await pool.query(
    `insert into carga.webhooks (url, figuras, events, enabled, secret, previous_secret, previous_secret_until)
     values ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7::interval) returning id`,
    [
      receiver.url,
      settings.figuras ?? ['*'],
      settings.events ?? ['job.finished', 'job.failed', 'job.cancelled'],
      settings.enabled ?? true,
      settings.secret ?? sealSecret(generateWebhookSecret(), key),
      settings.previousSecret ?? null,
      settings.previousFor ?? null,
    ],
  );
  return rows[0].id;
}

/** A job that is at work, ended the way told. */
async function endJob(end: 'complete' | 'error' | 'cancelled', db: Pick<DbPool, 'query'> = pool): Promise<string> {
  const id = randomUUID();
  await db.query(
    `insert into carga.jobs (id, figura, status, attempt, bucket, object_key, etag, file_name, file_size_bytes, file_format,
                             created_by_kind, created_by_name)
     values ($1, 'fornecedores', 'processing', 1, 'b', 'k', 'e', 'f.csv', 10, 'csv', 'api_key', 'robô')`,
    [id],
  );
  const sets = {
    complete: `result = 'partial', rows_read = 3, rows_inserted = 2, rows_rejected = 1`,
    error: `result = 'failed', error_code = 'too_many_errors', error_details = '{"rejected": 7}'`,
    cancelled: 'worker_id = null',
  };
  await db.query(
    `update carga.jobs set status = $2::carga.job_status, finished_at = clock_timestamp(), ${sets[end]} where id = $1`,
    [id, end],
  );
  return id;
}

const deliveries = async () => (await pool.query('select * from carga.webhook_deliveries order by created_at')).rows;
const tasks = async () =>
  (
    await pool.query(
      `select j.key, j.run_at - j.created_at > interval '1 second' as later, p.payload from graphile_worker.jobs j
         join graphile_worker._private_jobs p on p.id = j.id where j.task_identifier = 'send-webhook'`,
    )
  ).rows;
const deliver = (id: string, allowedHosts = [receiver.host]) =>
  deliverWebhook(
    { pool, allowedHosts, keys: [key], logger: createLogger({}, { level: 'error', write: () => {} }) },
    id,
  );

test.each([
  ['complete', 'job.finished', { result: 'partial', error: null, rows: { read: 3, inserted: 2, rejected: 1 } }],
  ['error', 'job.failed', { result: 'failed', error: { code: 'too_many_errors', details: { rejected: 7 } } }],
  ['cancelled', 'job.cancelled', { result: null, error: null }],
] as const)('a job that ends in %s is told as %s, with its task', async (end, event, data) => {
  await makeWebhook();
  const jobId = await endJob(end);
  const [delivery] = await deliveries();
  expect(delivery).toMatchObject({ event, job_id: jobId, status: 'pending', attempts: 0, tries_left: 8 });
  expect(JSON.parse(delivery.body)).toMatchObject({
    type: event,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    data: {
      id: jobId,
      figura: 'fornecedores',
      status: end,
      ...data,
      createdBy: { kind: 'apiKey', name: 'robô' },
      file: { name: 'f.csv', size: 10, format: 'csv' },
      path: `/api/fornecedores/_bulk/status/${jobId}`,
    },
  });
  expect(await tasks()).toEqual([
    { key: `webhook:${delivery.id}`, later: false, payload: { version: 1, deliveryId: delivery.id } },
  ]);
});

test('an end that is rolled back tells nobody', async () => {
  await makeWebhook();
  const client = await pool.connect();
  await client.query('begin');
  await endJob('complete', client);
  await client.query('rollback');
  client.release();
  expect([await deliveries(), await tasks()]).toEqual([[], []]);
});

test('only who asked is told', async () => {
  await makeWebhook({ enabled: false });
  await makeWebhook({ events: ['job.failed'] });
  await makeWebhook({ figuras: ['outra'] });
  const asked = await makeWebhook({ figuras: ['outra', 'fornecedores'], events: ['job.finished'] });
  await endJob('complete');
  expect((await deliveries()).map((delivery) => delivery.webhook_id)).toEqual([asked]);
});

test('a message is signed, and tried again under the same id until it is taken', async () => {
  const secret = generateWebhookSecret();
  await makeWebhook({ secret: sealSecret(secret, key) });
  await endJob('complete');
  const [{ id, body }] = await deliveries();
  receiver.answers.push(500);
  const begun = Date.now();
  await deliver(id);
  let [delivery] = await deliveries();
  expect(delivery).toMatchObject({ status: 'pending', attempts: 1, tries_left: 7, finished_at: null });
  expect(delivery.tries).toMatchObject([{ status: 500, error: 'http_status', response: 'answer 1' }]);
  expect(delivery.next_try_at - begun).toBeGreaterThan(4000);
  expect(await tasks()).toMatchObject([{ key: `webhook:${id}`, later: true }]);
  await receiver.stop();
  await deliver(id);
  [delivery] = await deliveries();
  expect(delivery.tries).toMatchObject([{ status: 500 }, { status: null, error: 'connection_failed' }]);
  receiver = await startWebhookReceiver();
  await pool.query('update carga.webhooks set url = $1', [receiver.url]);
  receiver.answers.push(302);
  await deliver(id);
  await deliver(id);
  [delivery] = await deliveries();
  expect(delivery).toMatchObject({ status: 'delivered', attempts: 4, next_try_at: null });
  expect(delivery.finished_at).not.toBeNull();
  expect(receiver.messages).toHaveLength(2);
  for (const { headers, body: sent } of receiver.messages) {
    expect(sent).toBe(body);
    expect(headers).toMatchObject({ 'webhook-id': `msg_${id}`, 'content-type': 'application/json' });
    expect(new Webhook(secret).verify(sent, headers)).toEqual(JSON.parse(body));
  }
  // A task that comes twice sends nothing twice once the message was taken.
  await deliver(id);
  expect(receiver.messages).toHaveLength(2);
});

test('the eighth failure is the last', async () => {
  await makeWebhook();
  await endJob('error');
  const [{ id }] = await deliveries();
  receiver.answers.push(...Array(8).fill(503));
  await pool.query('update carga.webhook_deliveries set tries_left = 1');
  await pool.query('delete from graphile_worker._private_jobs');
  await deliver(id);
  expect((await deliveries())[0]).toMatchObject({ status: 'failed', tries_left: 0, next_try_at: null });
  expect(await tasks()).toEqual([]);
});

test('the log keeps the newest twenty tries', async () => {
  await makeWebhook();
  await endJob('error');
  const [{ id }] = await deliveries();
  receiver.answers.push(...Array(21).fill(503));
  await pool.query('update carga.webhook_deliveries set tries_left = 100');
  for (let i = 0; i < 21; i++) await deliver(id);
  const [{ tries, attempts }] = await deliveries();
  expect([tries.length, attempts, tries[0].response, tries[19].response]).toEqual([20, 21, 'answer 2', 'answer 21']);
});

test('the secret before signs as well until its time is over', async () => {
  const [secret, previousSecret] = [generateWebhookSecret(), generateWebhookSecret()];
  await makeWebhook({
    secret: sealSecret(secret, key),
    previousSecret: sealSecret(previousSecret, key),
    previousFor: '1 hour',
  });
  await endJob('complete');
  await deliver((await deliveries())[0].id);
  const [message] = receiver.messages;
  for (const one of [secret, previousSecret]) {
    expect(new Webhook(one).verify(message?.body ?? '', message?.headers ?? {})).toBeTypeOf('object');
  }
  await pool.query(`update carga.webhooks set previous_secret_until = clock_timestamp() - interval '1 second'`);
  await pool.query(`update carga.webhook_deliveries set status = 'pending'`);
  await deliver((await deliveries())[0].id);
  expect(receiver.messages[1]?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
});

test('nothing is sent to an address inside, a webhook switched off, or one that is gone', async () => {
  const webhook = await makeWebhook();
  await endJob('complete');
  const [{ id }] = await deliveries();
  await deliver(id, []);
  expect((await deliveries())[0]).toMatchObject({ status: 'pending', tries: [{ error: 'address_refused' }] });
  await pool.query('update carga.webhooks set enabled = false');
  await deliver(id);
  expect((await deliveries())[0]).toMatchObject({ status: 'failed', tries: [{}, { error: 'webhook_disabled' }] });
  await pool.query('delete from carga.webhooks where id = $1', [webhook]);
  await deliver(id);
  expect(receiver.messages).toEqual([]);
});

test('jobs that end at once with several webhooks wait for no end of each other', async () => {
  await Promise.all([1, 2, 3, 4].map(() => makeWebhook()));
  await Promise.all(Array.from({ length: 12 }, () => endJob('complete')));
  expect(await deliveries()).toHaveLength(48);
  expect(await tasks()).toHaveLength(48);
});

test('secrets of an earlier release, or under an earlier key, are sealed; others are left and not signed with', async () => {
  const secrets = Array.from({ length: 3 }, generateWebhookSecret) as [string, string, string];
  const lost = sealSecret(secrets[2], deriveSealingKey('perdido'));
  const plain = await makeWebhook({ secret: secrets[0], previousSecret: secrets[1], previousFor: '1 hour' });
  const old = await makeWebhook({ secret: sealSecret(secrets[1], oldKey), enabled: false });
  const stranger = await makeWebhook({ secret: lost, enabled: false });
  // As it would come out of two workers that start at once.
  const unreadable = await Promise.all([1, 2].map(() => sealStoredSecrets(pool, [key, oldKey])));
  expect(unreadable).toEqual([[stranger], [stranger]]);
  const { rows } = await pool.query('select id, secret, previous_secret as previous from carga.webhooks');
  const stored = new Map(rows.map((row) => [row.id, row]));
  for (const text of [stored.get(plain).secret, stored.get(plain).previous, stored.get(old).secret]) {
    expect(text.startsWith(sealPrefix(key))).toBe(true);
  }
  expect(stored.get(stranger).secret).toBe(lost);

  await endJob('complete');
  const [{ id }] = await deliveries();
  await deliver(id);
  const [message] = receiver.messages;
  for (const secret of [secrets[0], secrets[1]]) {
    expect(new Webhook(secret).verify(message?.body ?? '', message?.headers ?? {})).toBeTypeOf('object');
  }
  await pool.query(`update carga.webhooks set secret = $1`, [lost]);
  await pool.query(`update carga.webhook_deliveries set status = 'pending'`);
  await deliver(id);
  expect((await deliveries())[0]).toMatchObject({ status: 'pending', tries: [{}, { error: 'secret_unreadable' }] });
  expect(receiver.messages).toHaveLength(1);
});
