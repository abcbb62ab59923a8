import { json, route } from '#lib/api/handler.ts';
import { rotateWebhookSecret } from '#lib/api/webhooks.ts';

/** A new secret, in this answer and nowhere else. */
export const POST = route('POST /api/webhooks/{id}/secret', async (call) =>
  json(await rotateWebhookSecret(call, call.caller, call.params.id)),
);
