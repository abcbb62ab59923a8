import { changeFigura, describeFigura, removeFigura } from '#lib/api/figuras.ts';
import { json, noContent, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** A figura: columns, key, limits, last job. */
export const GET = route('GET /api/figuras/{figura}', async (call) =>
  json(await describeFigura(call, call.params.figura)),
);

/** Changes a figura's settings. */
export const PATCH = route('PATCH /api/figuras/{figura}', async (call) =>
  json(await changeFigura(call, call.caller, call.params.figura, call.body)),
);

/** Removes a registration, never the table. */
export const DELETE = route('DELETE /api/figuras/{figura}', async (call) => {
  await removeFigura(call, call.caller, call.params.figura);
  return noContent();
});

export const { POST, PUT, OPTIONS } = otherMethods('/api/figuras/{figura}');
