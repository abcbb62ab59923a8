import { noContent, route } from '#lib/api/handler.ts';
import { revokeKey } from '#lib/api/keys.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Revokes a key at once. */
export const DELETE = route('DELETE /api/keys/{id}', async (call) => {
  await revokeKey(call, call.caller, call.params.id);
  return noContent();
});

export const { GET, HEAD, POST, PUT, PATCH, OPTIONS } = otherMethods('/api/keys/{id}');
