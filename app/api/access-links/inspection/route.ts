import { clientAddress } from '#lib/access/client-address.ts';
import { inspectAccessLink } from '#lib/api/access-links.ts';
import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Whose link a token is. */
export const POST = route('POST /api/access-links/inspection', async (call) =>
  json(await inspectAccessLink(call, call.body.token, clientAddress(call.request))),
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/access-links/inspection');
