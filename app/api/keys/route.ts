import { json, route } from '#lib/api/handler.ts';
import { createKey, listKeys, toKeyDto } from '#lib/api/keys.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { idPosition, toPage } from '#lib/api/paging.ts';

/** API keys, newest first; never their secrets. */
export const GET = route('GET /api/keys', async (call) => {
  const { page, headers } = toPage(await listKeys(call, call.query), call.query.limit, call, toKeyDto, idPosition);
  return json(page, { headers });
});

/** Makes a key. Its secret is in this answer and nowhere else. */
export const POST = route('POST /api/keys', async (call) =>
  json(await createKey(call, call.caller, call.body), { status: 201 }),
);

export const { PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/keys');
