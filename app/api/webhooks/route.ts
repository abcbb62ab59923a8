import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { idPosition, toPage } from '#lib/api/paging.ts';
import { createWebhook, listWebhooks, toWebhookDto } from '#lib/api/webhooks.ts';

/** Webhooks, newest first; never their secrets. */
export const GET = route('GET /api/webhooks', async (call) => {
  const rows = await listWebhooks(call, call.query);
  const { page, headers } = toPage(rows, call.query.limit, call, toWebhookDto, idPosition);
  return json(page, { headers });
});

/** Makes a webhook. Its secret is in this answer and nowhere else. */
export const POST = route('POST /api/webhooks', async (call) => {
  const created = await createWebhook(call, call.caller, call.body);
  return json(created, { status: 201, headers: { location: `/api/webhooks/${created.id}` } });
});

export const { PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/webhooks');
