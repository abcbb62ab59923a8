// The routes of webhooks; lib/api/routes.ts has them in its list.
import type { ErrorCode } from '../errors.ts';
import * as queries from './query-schemas.ts';
import { gone, json, type RouteSpec } from './route-spec.ts';
import * as schemas from './webhook-schemas.ts';

const WEBHOOK_PROBLEMS: ErrorCode[] = ['webhook_host_not_found', 'webhook_address_refused'];

/** Who is told when jobs end. */
export const WEBHOOK_ROUTES = {
  'GET /api/webhooks': {
    id: 'listWebhooks',
    tag: 'administration',
    summary: 'Webhooks, newest first; never their secrets',
    permission: 'webhook:read',
    query: queries.pageQuery,
    answers: { 200: json(schemas.webhookPageSchema, 'A page of webhooks.') },
  },
  'POST /api/webhooks': {
    id: 'createWebhook',
    tag: 'administration',
    summary: 'Tell an address when jobs end; the secret is in this answer and nowhere else',
    description:
      'Messages are signed as Standard Webhooks 1.0 says (webhook-id, webhook-timestamp, webhook-signature) and tried eight times within nine hours until an answer of 2xx. Only public addresses, unless the operator named the host.',
    permission: 'webhook:write',
    body: schemas.createWebhookSchema,
    answers: { 201: json(schemas.createdWebhookSchema, 'The webhook and its secret.', ['location']) },
    problems: WEBHOOK_PROBLEMS,
  },
  'GET /api/webhooks/{id}': {
    id: 'getWebhook',
    tag: 'administration',
    summary: 'A webhook',
    permission: 'webhook:read',
    answers: { 200: json(schemas.webhookSchema, 'The webhook.') },
    problems: ['webhook_not_found'],
  },
  'PATCH /api/webhooks/{id}': {
    id: 'changeWebhook',
    tag: 'administration',
    summary: 'Change a webhook; what is waiting goes to the new address',
    permission: 'webhook:write',
    body: schemas.changeWebhookSchema,
    answers: { 200: json(schemas.webhookSchema, 'The webhook.') },
    problems: ['webhook_not_found', ...WEBHOOK_PROBLEMS],
  },
  'DELETE /api/webhooks/{id}': {
    id: 'removeWebhook',
    tag: 'administration',
    summary: 'Remove a webhook with its log; what is waiting is not sent',
    permission: 'webhook:write',
    answers: { 204: gone },
    problems: ['webhook_not_found'],
  },
  'POST /api/webhooks/{id}/secret': {
    id: 'rotateWebhookSecret',
    tag: 'administration',
    summary: 'A new secret, in this answer and nowhere else; the old one signs as well for a day',
    permission: 'webhook:write',
    answers: { 200: json(schemas.createdWebhookSchema, 'The webhook and its new secret.') },
    problems: ['webhook_not_found'],
  },
  'POST /api/webhooks/{id}/test': {
    id: 'testWebhook',
    tag: 'administration',
    summary: 'Send a message of the type webhook.test, once, also while the webhook is switched off',
    permission: 'webhook:write',
    answers: { 202: json(schemas.webhookDeliverySchema, 'The delivery; the log shows what came of it.') },
    problems: ['webhook_not_found'],
  },
  'GET /api/webhooks/{id}/deliveries': {
    id: 'listWebhookDeliveries',
    tag: 'administration',
    summary: 'What was sent to a webhook in the last 30 days and what came of it, newest first',
    permission: 'webhook:read',
    query: queries.pageQuery,
    answers: { 200: json(schemas.webhookDeliveryPageSchema, 'A page of deliveries.') },
    problems: ['webhook_not_found'],
  },
  'POST /api/webhooks/{id}/deliveries/{deliveryId}/retry': {
    id: 'retryWebhookDelivery',
    tag: 'administration',
    summary: 'Send a message again, under the same webhook-id, whatever came of it before',
    permission: 'webhook:write',
    answers: { 202: json(schemas.webhookDeliverySchema, 'The delivery, waiting again.') },
    problems: ['webhook_not_found', 'webhook_delivery_not_found'],
  },
} as const satisfies Record<string, RouteSpec>;
