import { json, noContent, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { abortUpload, resumeUpload } from '#lib/api/uploads.ts';

/** An upload as it is now, with fresh addresses while it is open. */
export const GET = route('GET /api/{figura}/_bulk/uploads/{id}', async (call) =>
  json(await resumeUpload(call, call.caller, call.params.figura, call.params.id, call.query.size)),
);

/** Gives an upload up. */
export const DELETE = route('DELETE /api/{figura}/_bulk/uploads/{id}', async (call) => {
  await abortUpload(call, call.caller, call.params.figura, call.params.id);
  return noContent();
});

export const { POST, PUT, PATCH, OPTIONS } = otherMethods('/api/{figura}/_bulk/uploads/{id}');
