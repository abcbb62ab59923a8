import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { retryDelivery } from '#lib/api/webhooks.ts';

/** Sends a message again. */
export const POST = route('POST /api/webhooks/{id}/deliveries/{deliveryId}/retry', async (call) =>
  json(await retryDelivery(call, call.caller, call.params.id, call.params.deliveryId), { status: 202 }),
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods(
  '/api/webhooks/{id}/deliveries/{deliveryId}/retry',
);
