import { route } from '#lib/api/handler.ts';
import { revokeKey } from '#lib/api/keys.ts';

/** Revokes a key at once. */
export const DELETE = route<{ id: string }>('key:write', async (call) => {
  await revokeKey(call, call.caller, call.params.id);
  return new Response(null, { status: 204 });
});
