import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { changeUser } from '#lib/api/users.ts';

/** Changes a person. */
export const PATCH = route('PATCH /api/users/{id}', async (call) =>
  json(await changeUser(call, call.caller, call.params.id, call.body)),
);

export const { GET, HEAD, POST, PUT, DELETE, OPTIONS } = otherMethods('/api/users/{id}');
