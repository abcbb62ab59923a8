import type { DbPool } from '../db/pool.ts';
import { withPoolTransaction } from '../db/transaction.ts';
import type { Logger } from '../log.ts';
import { enqueueWebhookDelivery } from '../queue/webhook-task.ts';
import { openSecret, type SealingKey } from './seal-secret.ts';
import { type SendOptions, sendWebhook } from './send-webhook.ts';
import { TEST_EVENT, type WebhookFault, type WebhookTry } from './webhook-events.ts';

/** What a delivery needs from the process it runs in. */
export interface DeliveryContext extends Pick<SendOptions, 'allowedHosts' | 'signal'> {
  pool: DbPool;
  logger: Logger;
  /** What stored secrets may be sealed with. */
  keys: readonly SealingKey[];
}

/** How often a message is tried before it is given up; `tries_left` of a new row says the same. */
export const MAX_TRIES = 8;
// Seconds before the second try, the third …: a restart of the receiver passes unnoticed, and nine hours reach from an
// evening's fault to the morning. Each is varied by a tenth, so that messages which failed together come back apart.
const DELAYS = [5, 30, 120, 600, 1800, 7200, 21_600] as const;
const JITTER = 0.1;
/** Tries kept in the log. */
const KEPT_TRIES = 20;

interface Delivery {
  id: string;
  webhookId: string;
  event: string;
  body: string;
  triesLeft: number;
  url: string;
  enabled: boolean;
  /** Sealed. */
  secrets: string[];
}

/** Seconds until the next try of a message that has so many tries left; null when it has none. */
export function delayBefore(triesLeft: number, random = Math.random()): number | null {
  if (triesLeft <= 0) return null;
  const delay = DELAYS[Math.max(0, MAX_TRIES - 1 - triesLeft)] ?? DELAYS[0];
  return delay * (1 - JITTER + 2 * JITTER * random);
}

/**
 * Tries once to deliver a message and writes down what came of it, with the task of the next try in the same
 * transaction. A worker that dies in between has its task given back: the message may arrive twice, never not at all.
 */
export async function deliverWebhook(context: DeliveryContext, deliveryId: string): Promise<void> {
  const { rows } = await context.pool.query<Delivery>(
    `select d.id, d.webhook_id as "webhookId", d.event, d.body, d.tries_left as "triesLeft", w.url, w.enabled,
            array_remove(array[w.secret, case when w.previous_secret_until > clock_timestamp() then w.previous_secret end],
                         null) as secrets
       from carga.webhook_deliveries d join carga.webhooks w on w.id = d.webhook_id
      where d.id = $1 and d.status = 'pending'`,
    [deliveryId],
  );
  const delivery = rows[0];
  // Removed with its webhook, or delivered by a worker that died right after.
  if (!delivery) return;
  const { url, body } = delivery;
  const isOff = !delivery.enabled && delivery.event !== TEST_EVENT;
  const secrets = delivery.secrets.map((stored) => openSecret(stored, context.keys));
  const result = isOff
    ? unsent('webhook_disabled')
    : secrets.every((secret) => secret !== null)
      ? await sendWebhook({ url, id: `msg_${delivery.id}`, body, secrets }, context)
      : unsent('secret_unreadable');
  const delay = isOff || result.error === null ? null : delayBefore(delivery.triesLeft - 1);
  await recordTry(context.pool, delivery, result, delay);
  const { status, ms, error } = result;
  context.logger.info('webhook', {
    webhookId: delivery.webhookId,
    deliveryId,
    event: delivery.event,
    status,
    ms,
    error,
  });
}

function unsent(error: WebhookFault): WebhookTry {
  return { at: new Date().toISOString(), status: null, ms: 0, error, detail: null, response: null };
}

async function recordTry(
  pool: DbPool,
  delivery: Delivery,
  result: WebhookTry,
  delaySeconds: number | null,
): Promise<void> {
  const status = result.error === null ? 'delivered' : delaySeconds === null ? 'failed' : 'pending';
  await withPoolTransaction(pool, async (db) => {
    const { rowCount } = await db.query(
      `update carga.webhook_deliveries
          set status = $2::carga.webhook_delivery_status, attempts = attempts + 1, tries_left = greatest(tries_left - 1, 0),
              tries = case when jsonb_array_length(tries) < $5 then tries else tries - 0 end || $3::jsonb,
              next_try_at = clock_timestamp() + make_interval(secs => $4::float8),
              finished_at = case when $2 <> 'pending' then clock_timestamp() end
        where id = $1`,
      [delivery.id, status, JSON.stringify([result]), delaySeconds, KEPT_TRIES],
    );
    if (rowCount === 1 && delaySeconds !== null) await enqueueWebhookDelivery(db, delivery, delaySeconds);
  });
}
