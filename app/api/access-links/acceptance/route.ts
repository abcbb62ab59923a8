import { clientAddress } from '#lib/access/client-address.ts';
import { acceptAccessLink } from '#lib/api/access-links.ts';
import { noContent, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Chooses the password of a link. */
export const POST = route('POST /api/access-links/acceptance', async (call) => {
  await acceptAccessLink(call, call.body, clientAddress(call.request));
  return noContent();
});

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/access-links/acceptance');
