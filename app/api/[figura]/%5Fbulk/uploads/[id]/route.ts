import { route } from '#lib/api/handler.ts';
import { abortUpload } from '#lib/api/uploads.ts';

/** Gives an upload up. */
export const DELETE = route<{ figura: string; id: string }>('upload:write', async (call) => {
  await abortUpload(call, call.caller, call.params.figura, call.params.id);
  return new Response(null, { status: 204 });
});
