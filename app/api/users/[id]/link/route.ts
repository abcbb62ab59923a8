import { createAccessLink } from '#lib/api/access-links.ts';
import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Makes the link by which a person chooses a password. */
export const POST = route('POST /api/users/{id}/link', async (call) =>
  json(await createAccessLink(call, call.caller, call.params.id), { status: 201 }),
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/users/{id}/link');
