import type { Task } from 'graphile-worker';
import { webhookPayloadSchema } from '#lib/queue/webhook-task.ts';
import { type DeliveryContext, deliverWebhook } from '#lib/webhooks/deliver-webhook.ts';

/** Tries once to deliver a message; what fails comes back as a task of its own. */
export function createWebhookTask(context: Omit<DeliveryContext, 'signal'>): Task {
  return async (payload, { abortSignal }) => {
    const { deliveryId } = webhookPayloadSchema.parse(payload);
    await deliverWebhook({ ...context, signal: abortSignal }, deliveryId);
  };
}
