import { json, route } from '#lib/api/handler.ts';
import { changeUser } from '#lib/api/users.ts';

/** Changes a person. */
export const PATCH = route('PATCH /api/users/{id}', async (call) =>
  json(await changeUser(call, call.caller, call.params.id, call.body)),
);
