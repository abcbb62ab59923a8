import { json, readBody, route } from '#lib/api/handler.ts';
import { createKey, listKeys } from '#lib/api/keys.ts';
import { createKeySchema } from '#lib/api/schemas.ts';

/** API keys, newest first; never their secrets. */
export const GET = route('key:read', async (call) => json({ items: await listKeys(call), nextCursor: null }));

/** Makes a key. Its secret is in this answer and nowhere else. */
export const POST = route('key:write', async (call) =>
  json(await createKey(call, call.caller, await readBody(call, createKeySchema)), { status: 201 }),
);
