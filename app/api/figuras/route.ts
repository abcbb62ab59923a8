import { z } from 'zod';
import { createFigura, listFiguras } from '#lib/api/figuras.ts';
import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { decodeCursor, encodeCursor, linkToNext } from '#lib/api/paging.ts';
import { figuraNameSchema } from '#lib/api/schemas.ts';

/** The figuras the caller was given, by name. */
export const GET = route('GET /api/figuras', async (call) => {
  const { limit, cursor } = call.query;
  const after = decodeCursor(cursor, z.tuple([figuraNameSchema]))?.[0] ?? '';
  const { items, names } = await listFiguras(call, call.caller, { after, limit });
  const last = names[limit - 1];
  const nextCursor = names.length > limit && last !== undefined ? encodeCursor([last]) : null;
  return json({ items, nextCursor }, { headers: linkToNext(nextCursor, call) });
});

/** Registers a figura over a table that exists. */
export const POST = route('POST /api/figuras', async (call) => {
  const figura = await createFigura(call, call.caller, call.body);
  return json(figura, { status: 201, headers: { location: `/api/figuras/${figura.name}` } });
});

export const { PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/figuras');
