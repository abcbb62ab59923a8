import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { idPosition, toPage } from '#lib/api/paging.ts';
import { listDeliveries, toDeliveryDto } from '#lib/api/webhooks.ts';

/** What was sent to a webhook, newest first. */
export const GET = route('GET /api/webhooks/{id}/deliveries', async (call) => {
  const rows = await listDeliveries(call, call.params.id, call.query);
  const { page, headers } = toPage(rows, call.query.limit, call, toDeliveryDto, idPosition);
  return json(page, { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/webhooks/{id}/deliveries');
