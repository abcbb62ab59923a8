// What goes in and out about webhooks; part of the set of schemas.ts.
import { z } from 'zod';
import { TEST_EVENT, WEBHOOK_EVENTS, WEBHOOK_FAULTS } from '../webhooks/webhook-events.ts';
import { count, figuraNames, page, text, timestamp } from './schemas.ts';

const webhookSettings = {
  // No name and password in it: it is shown to every administrator, and to the audit.
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .regex(/^https?:\/\/[^@/?#]+([/?#]|$)/i),
  description: text(200, 0),
  figuras: figuraNames.min(1),
  events: z.array(z.enum(WEBHOOK_EVENTS)).min(1).max(WEBHOOK_EVENTS.length),
  enabled: z.boolean(),
};
export const createWebhookSchema = z
  .strictObject({
    ...webhookSettings,
    description: webhookSettings.description.default(''),
    figuras: webhookSettings.figuras.default(['*']),
    events: webhookSettings.events.default([...WEBHOOK_EVENTS]),
    enabled: webhookSettings.enabled.default(true),
  })
  .meta({ id: 'CreateWebhook' });
export const changeWebhookSchema = z.strictObject(webhookSettings).partial().meta({ id: 'ChangeWebhook' });
const deliveryStatus = z.enum(['pending', 'delivered', 'failed']);
export const webhookSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string(),
    figuras: z.array(z.string()),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    enabled: z.boolean(),
    /** Until when the secret before this one signs as well; null when it no longer does. */
    previousSecretUntil: timestamp.nullable(),
    lastDelivery: z.object({ status: deliveryStatus, createdAt: timestamp }).nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Webhook' });
export const createdWebhookSchema = webhookSchema.extend({ secret: z.string() }).meta({ id: 'CreatedWebhook' });
export const webhookDeliverySchema = z
  .object({
    id: z.uuid(),
    /** The `webhook-id` of its message. */
    messageId: z.string(),
    event: z.enum([...WEBHOOK_EVENTS, TEST_EVENT]),
    jobId: z.uuid().nullable(),
    status: deliveryStatus,
    attempts: count,
    nextTryAt: timestamp.nullable(),
    /** The newest tries, oldest of them first. */
    tries: z.array(
      z.object({
        at: timestamp,
        status: z.int().nullable(),
        ms: count,
        error: z.enum(WEBHOOK_FAULTS).nullable(),
        detail: z.string().nullable(),
        response: z.string().nullable(),
      }),
    ),
    body: z.string(),
    createdAt: timestamp,
    finishedAt: timestamp.nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

export const webhookPageSchema = page(webhookSchema, 'WebhookPage');
export const webhookDeliveryPageSchema = page(webhookDeliverySchema, 'WebhookDeliveryPage');
