import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { rotateWebhookSecret } from '#lib/api/webhooks.ts';

/** A new secret, in this answer and nowhere else. */
export const POST = route('POST /api/webhooks/{id}/secret', async (call) =>
  json(await rotateWebhookSecret(call, call.caller, call.params.id)),
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/webhooks/{id}/secret');
