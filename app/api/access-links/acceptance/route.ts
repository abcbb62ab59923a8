import { clientAddress } from '#lib/access/client-address.ts';
import { acceptAccessLink } from '#lib/api/access-links.ts';
import { noContent, route } from '#lib/api/handler.ts';

/** Chooses the password of a link. */
export const POST = route('POST /api/access-links/acceptance', async (call) => {
  await acceptAccessLink(call, call.body, clientAddress(call.request));
  return noContent();
});
