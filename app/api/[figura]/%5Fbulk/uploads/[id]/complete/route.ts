import { json, readBody, route } from '#lib/api/handler.ts';
import { completeUploadSchema } from '#lib/api/schemas.ts';
import { completeUpload } from '#lib/api/uploads.ts';

/** Puts the parts of a multipart upload together. */
export const POST = route<{ figura: string; id: string }>('upload:write', async (call) => {
  const { parts } = await readBody(call, completeUploadSchema);
  return json(await completeUpload(call, call.caller, call.params.figura, call.params.id, parts));
});
