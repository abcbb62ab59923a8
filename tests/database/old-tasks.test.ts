// Tasks that a release before this one left in the queue, as they stand there, and workers of this one. A payload that
// changes gets a new version and a line here; the old line stays.
import { EventEmitter } from 'node:events';
import { Logger as QueueLogger, runOnce, type WorkerEvents } from 'graphile-worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '#lib/log.ts';
import { deriveSealingKey, sealSecret } from '#lib/webhooks/seal-secret.ts';
import { generateWebhookSecret } from '#lib/webhooks/sign-webhook.ts';
import { createChunkTask } from '#worker/tasks/chunk.ts';
import { createWebhookTask } from '#worker/tasks/deliver-webhook.ts';
import { createLoadTask } from '#worker/tasks/load.ts';
import { createSweepTask } from '#worker/tasks/sweep.ts';
import { createLoadHarness } from '../support/load-harness.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';

const harness = await createLoadHarness();
const key = deriveSealingKey('segredo-de-teste-segredo-de-teste-segredo');
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  await harness.pool.query('create table public.antiga (id int primary key)');
  await harness.register('antigas', 'public.antiga');
});
afterAll(() => receiver?.stop());

/** Runs all that waits, as a worker would, and returns the errors. */
async function runTasks(): Promise<unknown[]> {
  const context = harness.context();
  const { signal } = new AbortController();
  const events: WorkerEvents = new EventEmitter();
  const errors: unknown[] = [];
  events.on('job:error', ({ error }) => void errors.push(error));
  await runOnce({
    pgPool: context.pool,
    events,
    logger: new QueueLogger(() => () => {}),
    taskList: {
      load: createLoadTask(context, signal, new Set()),
      chunk: createChunkTask(context, signal),
      sweep: createSweepTask(context),
      'send-webhook': createWebhookTask({
        pool: context.pool,
        allowedHosts: [receiver.host],
        keys: [key],
        logger: createLogger({}, { level: 'error', write: () => {} }),
      }),
    },
  });
  return errors;
}

const left = async () =>
  (await harness.pool.query('select task_identifier as task, attempts from graphile_worker.jobs')).rows;
const add = (task: string, payload: object, key: string) =>
  harness.pool.query('select graphile_worker.add_job($1, payload => $2::json, job_key => $3)', [
    task,
    JSON.stringify(payload),
    key,
  ]);

test('are done', async () => {
  const jobId = await harness.enqueue('antigas', { bytes: '{"id":1}\n', format: 'ndjson' });
  await add('load', { version: 1, jobId }, `load:${jobId}`);
  await add('chunk', { version: 1, jobId, helper: 1 }, `chunk:${jobId}:1`);
  await add('sweep', {}, 'sweep');
  const { rows } = await harness.pool.query(
    `with made as (insert into carga.webhooks (url, figuras, events, secret) values ($1, '{*}', '{job.failed}', $2) returning id)
     insert into carga.webhook_deliveries (webhook_id, event, body) select id, 'job.failed', '{}' from made returning id`,
    [receiver.url, sealSecret(generateWebhookSecret(), key)],
  );
  await add('send-webhook', { version: 1, deliveryId: rows[0].id }, `webhook:${rows[0].id}`);
  expect(await runTasks()).toEqual([]);
  // A receiver that was slow is asked again in a few seconds.
  await expect.poll(() => runTasks().then(left)).toEqual([]);
  expect(await harness.outcome(jobId)).toMatchObject({ status: 'complete', rows: { inserted: 1 } });
  expect(receiver.messages.length).toBeGreaterThan(0);
});

test('of a later release wait for a worker of that release', async () => {
  await add('load', { version: 2, job: 'x' }, 'load:x');
  expect(await runTasks()).toHaveLength(1);
  expect(await left()).toEqual([{ task: 'load', attempts: 1 }]);
});
