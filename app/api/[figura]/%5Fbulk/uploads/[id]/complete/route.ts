import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { completeUpload } from '#lib/api/uploads.ts';

/** Puts the parts of a multipart upload together. */
export const POST = route('POST /api/{figura}/_bulk/uploads/{id}/complete', async (call) =>
  json(await completeUpload(call, call.caller, call.params.figura, call.params.id, call.body)),
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/uploads/{id}/complete');
