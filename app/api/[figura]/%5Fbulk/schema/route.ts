import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { loadFigura } from '#lib/figura/figura-registry.ts';
import { rowSchemaOf } from '#lib/figura/row-schema.ts';

/** JSON Schema of one row. */
export const GET = route('GET /api/{figura}/_bulk/schema', async ({ pool, params }) => {
  const response = json(rowSchemaOf(await loadFigura(pool, params.figura)));
  response.headers.set('content-type', 'application/schema+json; charset=utf-8');
  return response;
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/schema');
