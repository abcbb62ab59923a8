import type { z } from 'zod';
import type { PageDto } from '#lib/api/schemas.ts';
import type {
  changeWebhookSchema,
  createdWebhookSchema,
  createWebhookSchema,
  webhookDeliverySchema,
  webhookSchema,
} from '#lib/api/webhook-schemas.ts';
import type { CallOptions, PageOptions } from './create-api-client.ts';
import { readJson, readNothing, type SendRequest } from './send-request.ts';

export type WebhookDto = z.infer<typeof webhookSchema>;
export type CreateWebhookDto = z.input<typeof createWebhookSchema>;
export type ChangeWebhookDto = z.infer<typeof changeWebhookSchema>;
export type CreatedWebhookDto = z.infer<typeof createdWebhookSchema>;
export type WebhookDeliveryDto = z.infer<typeof webhookDeliverySchema>;

/** Who is told when jobs end. Administrators only. */
export function webhookCalls(send: SendRequest) {
  const path = (id: string) => `/api/webhooks/${encodeURIComponent(id)}`;
  return {
    listWebhooks: (page: PageOptions = {}, call: CallOptions = {}) =>
      send({ path: '/api/webhooks', query: { ...page }, ...call }, readJson<PageDto<WebhookDto>>),
    getWebhook: (id: string, call: CallOptions = {}) => send({ path: path(id), ...call }, readJson<WebhookDto>),
    /** The answer carries the secret, this once. */
    createWebhook: (body: CreateWebhookDto, call: CallOptions = {}) =>
      send({ method: 'POST', path: '/api/webhooks', body, ...call }, readJson<CreatedWebhookDto>),
    changeWebhook: (id: string, body: ChangeWebhookDto, call: CallOptions = {}) =>
      send({ method: 'PATCH', path: path(id), body, isRepeatable: true, ...call }, readJson<WebhookDto>),
    deleteWebhook: (id: string, call: CallOptions = {}) =>
      send({ method: 'DELETE', path: path(id), ...call }, readNothing),
    /** The answer carries the new secret, this once. */
    rotateWebhookSecret: (id: string, call: CallOptions = {}) =>
      send({ method: 'POST', path: `${path(id)}/secret`, ...call }, readJson<CreatedWebhookDto>),
    /** Sends a message of no consequence. */
    testWebhook: (id: string, call: CallOptions = {}) =>
      send({ method: 'POST', path: `${path(id)}/test`, ...call }, readJson<WebhookDeliveryDto>),
    /** What was sent, newest first. */
    listWebhookDeliveries: (id: string, page: PageOptions = {}, call: CallOptions = {}) =>
      send({ path: `${path(id)}/deliveries`, query: { ...page }, ...call }, readJson<PageDto<WebhookDeliveryDto>>),
    /** Sends a message again. */
    retryWebhookDelivery: (id: string, deliveryId: string, call: CallOptions = {}) =>
      send(
        { method: 'POST', path: `${path(id)}/deliveries/${encodeURIComponent(deliveryId)}/retry`, ...call },
        readJson<WebhookDeliveryDto>,
      ),
  };
}
