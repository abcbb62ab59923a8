import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { testWebhook } from '#lib/api/webhooks.ts';

/** Sends a message of no consequence. */
export const POST = route('POST /api/webhooks/{id}/test', async (call) =>
  json(await testWebhook(call, call.caller, call.params.id), { status: 202 }),
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/webhooks/{id}/test');
