import { z } from 'zod';
import { createFigura, listFiguras } from '#lib/api/figuras.ts';
import { check, json, readBody, route } from '#lib/api/handler.ts';
import { decodeCursor, encodeCursor, limitSchema } from '#lib/api/paging.ts';
import { createFiguraSchema } from '#lib/api/schemas.ts';

const querySchema = z.object({ limit: limitSchema, cursor: z.string().nullable().default(null) });

/** The figuras the caller was given, by name. */
export const GET = route('figura:read', async (call) => {
  const { url, locale, env, caller } = call;
  const { limit, cursor } = check(Object.fromEntries(url.searchParams), querySchema, locale);
  const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0] ?? '';
  const { items, names } = await listFiguras(call, caller, { after, limit });
  const last = names[limit - 1];
  const nextCursor = names.length > limit && last !== undefined ? encodeCursor([last]) : null;
  const next = new URL(url.pathname + url.search, env.PUBLIC_URL);
  if (nextCursor !== null) next.searchParams.set('cursor', nextCursor);
  return json({ items, nextCursor }, { headers: nextCursor === null ? {} : { link: `<${next.href}>; rel="next"` } });
});

/** Registers a figura over a table that exists. */
export const POST = route('figura:write', async (call) => {
  const figura = await createFigura(call, call.caller, await readBody(call, createFiguraSchema));
  return json(figura, { status: 201, headers: { location: `/api/figuras/${figura.name}` } });
});
