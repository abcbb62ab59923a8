import { documentFigura } from '#lib/api/figura-documentation.ts';
import { route } from '#lib/api/handler.ts';
import { toMarkdown } from '#lib/api/markdown.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { loadFigura } from '#lib/figura/figura-registry.ts';

/** How to load a figura, as Markdown. */
export const GET = route('GET /api/figuras/{figura}/documentation', async ({ pool, params, locale, env }) => {
  const blocks = documentFigura(await loadFigura(pool, params.figura), {
    locale,
    publicUrl: env.PUBLIC_URL,
    maxFileBytes: env.MAX_FILE_BYTES,
  });
  return new Response(toMarkdown(blocks), {
    headers: {
      'content-type': 'text/markdown; charset=utf-8',
      'content-language': locale,
      vary: 'accept-language',
    },
  });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/figuras/{figura}/documentation');
