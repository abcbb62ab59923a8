import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { createUpload } from '#lib/api/uploads.ts';

/** Signs the way of one file into the bucket. */
export const POST = route('POST /api/{figura}/_bulk/uploads', async (call) =>
  json(await createUpload(call, call.caller, call.params.figura, call.body), { status: 201 }),
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/uploads');
