import { route } from '#lib/api/handler.ts';
import { contentTypeOf, downloadHeaders } from '#lib/api/job-files.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { makeTemplate } from '#lib/api/template.ts';
import { loadFigura } from '#lib/figura/figura-registry.ts';

/** A file with the figura's columns, empty or with one example row. */
export const GET = route('GET /api/{figura}/_bulk/template', async ({ pool, params, query }) => {
  const { format, example, delimiter } = query;
  const bytes = await makeTemplate(await loadFigura(pool, params.figura), format, example, delimiter);
  const headers = downloadHeaders({ fileName: `${params.figura}.${format}`, contentType: contentTypeOf(format) });
  return new Response(bytes as BodyInit, { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/template');
