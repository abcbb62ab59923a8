import { type AnswerOf, type BodyOf, type CallOptions, createCallRoute, type PageOptions } from './call-route.ts';
import type { SendRequest } from './send-request.ts';

export type WebhookDto = AnswerOf<'GET /api/webhooks/{id}'>;
export type CreateWebhookDto = BodyOf<'POST /api/webhooks'>;
export type ChangeWebhookDto = BodyOf<'PATCH /api/webhooks/{id}'>;
export type WebhookDeliveryDto = AnswerOf<'POST /api/webhooks/{id}/test'>;

/** Who is told when jobs end. Administrators only. */
export function webhookCalls(send: SendRequest) {
  const call = createCallRoute(send);
  return {
    listWebhooks: (query: PageOptions = {}, options: CallOptions = {}) =>
      call('GET /api/webhooks', { query, ...options }),
    getWebhook: (id: string, options: CallOptions = {}) =>
      call('GET /api/webhooks/{id}', { params: { id }, ...options }),
    /** The answer carries the secret, this once. */
    createWebhook: (body: CreateWebhookDto, options: CallOptions = {}) =>
      call('POST /api/webhooks', { body, ...options }),
    changeWebhook: (id: string, body: ChangeWebhookDto, options: CallOptions = {}) =>
      call('PATCH /api/webhooks/{id}', { params: { id }, body, isRepeatable: true, ...options }),
    deleteWebhook: (id: string, options: CallOptions = {}) =>
      call('DELETE /api/webhooks/{id}', { params: { id }, ...options }),
    /** The answer carries the new secret, this once. */
    rotateWebhookSecret: (id: string, options: CallOptions = {}) =>
      call('POST /api/webhooks/{id}/secret', { params: { id }, ...options }),
    /** Sends a message of no consequence. */
    testWebhook: (id: string, options: CallOptions = {}) =>
      call('POST /api/webhooks/{id}/test', { params: { id }, ...options }),
    /** What was sent, newest first. */
    listWebhookDeliveries: (id: string, query: PageOptions = {}, options: CallOptions = {}) =>
      call('GET /api/webhooks/{id}/deliveries', { params: { id }, query, ...options }),
    /** Sends a message again. */
    retryWebhookDelivery: (id: string, deliveryId: string, options: CallOptions = {}) =>
      call('POST /api/webhooks/{id}/deliveries/{deliveryId}/retry', { params: { id, deliveryId }, ...options }),
  };
}
