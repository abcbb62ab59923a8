import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger as QueueLogger } from 'graphile-worker';
import { run } from 'graphile-worker';
import type { WorkerEnv } from '#lib/env.ts';
import { WEBHOOK_TASK } from '#lib/queue/webhook-task.ts';
import type { DeliveryContext } from '#lib/webhooks/deliver-webhook.ts';
import { deriveSealingKey, type SealingKey } from '#lib/webhooks/seal-secret.ts';
import { sealStoredSecrets } from '#lib/webhooks/seal-stored-secrets.ts';
import { createWebhookTask } from './tasks/deliver-webhook.ts';

// Messages wait for slow receivers and cost nothing meanwhile: so many endpoints may hang before others wait.
const CONCURRENCY = 4;
// LISTEN brings new messages at once; polling finds those whose next try has come.
const POLL_MS = 2000;
/** A receiver that has not answered by then is asked again by another worker. */
const DRAIN_MS = 3000;

/** A runner of deliveries. */
export interface DeliveryRunner {
  /** Settles when the runner ended, asked to or not. */
  promise: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Delivers webhooks beside the loads, not among them: a load of half an hour must not hold up a message, nor a receiver
 * that hangs a load. A worker that does not know what secrets are sealed with leaves messages to others.
 */
export async function runDeliveries(
  context: Omit<DeliveryContext, 'signal' | 'keys'>,
  env: WorkerEnv,
  logger: QueueLogger,
): Promise<DeliveryRunner> {
  const keys = await findKeys(env);
  if (keys === null) {
    context.logger.warn('AUTH_SECRET is not set: this worker delivers no webhooks');
    return { promise: new Promise(() => {}), stop: async () => {} };
  }
  // Here, since the workers are what an upgrade replaces last: nobody is left who stores a secret as it is.
  const unreadable = await sealStoredSecrets(context.pool, keys);
  if (unreadable.length > 0) {
    context.logger.error('secrets of webhooks were sealed with another AUTH_SECRET: set AUTH_SECRET_PREVIOUS', {
      webhooks: unreadable,
    });
  }
  return run({
    pgPool: context.pool,
    concurrency: CONCURRENCY,
    noHandleSignals: true,
    pollInterval: POLL_MS,
    gracefulShutdownAbortTimeout: DRAIN_MS,
    logger,
    taskList: { [WEBHOOK_TASK]: createWebhookTask({ ...context, keys }) },
    // The sweep is the loads' runner's.
    parsedCronItems: [],
  });
}

/** The key that seals, and the one before it where its secret is set; null where the process knows no secret. */
async function findKeys(env: WorkerEnv): Promise<[SealingKey, ...SealingKey[]] | null> {
  const secret = env.AUTH_SECRET ?? (await readKeptSecret(env.CARGA_DATA_DIR));
  if (!secret) return null;
  const previous = env.AUTH_SECRET_PREVIOUS;
  return [deriveSealingKey(secret), ...(previous ? [deriveSealingKey(previous)] : [])];
}

/** What a web server on this machine made for itself. */
async function readKeptSecret(dataDirectory: string): Promise<string> {
  const text = await readFile(path.join(dataDirectory, 'auth-secret'), 'utf8').catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'EACCES') return '';
    throw error;
  });
  return text.trim();
}
