import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { countRows } from '#lib/api/row-count.ts';
import { loadFigura } from '#lib/figura/figura-registry.ts';

/** How many rows a figura's table has. */
export const GET = route('GET /api/figuras/{figura}/row-count', async ({ pool, params, query }) => {
  const { table } = await loadFigura(pool, params.figura);
  return json(await countRows(pool, table, query.exact));
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/figuras/{figura}/row-count');
