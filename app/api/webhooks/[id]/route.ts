import { json, noContent, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { changeWebhook, findWebhook, removeWebhook, toWebhookDto } from '#lib/api/webhooks.ts';

/** A webhook. */
export const GET = route('GET /api/webhooks/{id}', async ({ prisma, params }) =>
  json(toWebhookDto(await findWebhook(prisma, params.id))),
);

/** Changes a webhook. */
export const PATCH = route('PATCH /api/webhooks/{id}', async (call) =>
  json(await changeWebhook(call, call.caller, call.params.id, call.body)),
);

/** Removes a webhook with its log. */
export const DELETE = route('DELETE /api/webhooks/{id}', async (call) => {
  await removeWebhook(call, call.caller, call.params.id);
  return noContent();
});

export const { POST, PUT, OPTIONS } = otherMethods('/api/webhooks/{id}');
