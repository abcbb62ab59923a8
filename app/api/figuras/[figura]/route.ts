import { changeFigura, describeFigura, removeFigura } from '#lib/api/figuras.ts';
import { json, readBody, route } from '#lib/api/handler.ts';
import { changeFiguraSchema } from '#lib/api/schemas.ts';

/** A figura: columns, key, limits, last job. */
export const GET = route<{ figura: string }>('figura:read', async (call) =>
  json(await describeFigura(call, call.params.figura)),
);

/** Changes a figura's settings. */
export const PATCH = route<{ figura: string }>('figura:write', async (call) =>
  json(await changeFigura(call, call.caller, call.params.figura, await readBody(call, changeFiguraSchema))),
);

/** Removes a registration, never the table. */
export const DELETE = route<{ figura: string }>('figura:write', async (call) => {
  await removeFigura(call, call.caller, call.params.figura);
  return new Response(null, { status: 204 });
});
