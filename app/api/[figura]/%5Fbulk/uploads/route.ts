import { json, readBody, route } from '#lib/api/handler.ts';
import { createUploadSchema } from '#lib/api/schemas.ts';
import { createUpload } from '#lib/api/uploads.ts';

/** Signs the way of one file into the bucket. */
export const POST = route<{ figura: string }>('upload:write', async (call) => {
  const file = await readBody(call, createUploadSchema);
  return json(await createUpload(call, call.caller, call.params.figura, file), { status: 201 });
});
