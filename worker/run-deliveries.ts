import type { Logger as QueueLogger } from 'graphile-worker';
import { run } from 'graphile-worker';
import { WEBHOOK_TASK } from '#lib/queue/webhook-task.ts';
import type { DeliveryContext } from '#lib/webhooks/deliver-webhook.ts';
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
 * that hangs a load.
 */
export async function runDeliveries(
  context: Omit<DeliveryContext, 'signal'>,
  logger: QueueLogger,
): Promise<DeliveryRunner> {
  return run({
    pgPool: context.pool,
    concurrency: CONCURRENCY,
    noHandleSignals: true,
    pollInterval: POLL_MS,
    gracefulShutdownAbortTimeout: DRAIN_MS,
    logger,
    taskList: { [WEBHOOK_TASK]: createWebhookTask(context) },
    // The sweep is the loads' runner's.
    parsedCronItems: [],
  });
}
