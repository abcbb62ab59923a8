import { z } from 'zod';
import type { Queryable } from '../db/pool.ts';

/** Name of the task that delivers one message to a webhook; `carga.enqueue_webhook_delivery` writes it. */
export const WEBHOOK_TASK = 'send-webhook';

/** Only the id travels: the message and its secret are read where they are kept. */
export const webhookPayloadSchema = z.object({ version: z.literal(1), deliveryId: z.uuid() });

/** Puts a delivery into the queue, in the transaction that writes it; a task it has already is replaced. */
export async function enqueueWebhookDelivery(
  db: Queryable,
  delivery: { id: string; webhookId: string },
  delaySeconds = 0,
): Promise<void> {
  await db.query(
    'select carga.enqueue_webhook_delivery($1, $2, clock_timestamp() + make_interval(secs => $3::float8))',
    [delivery.webhookId, delivery.id, delaySeconds],
  );
}
