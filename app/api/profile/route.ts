import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { changeProfile } from '#lib/api/profile.ts';

/** Changes one's own name or password. */
export const PATCH = route('PATCH /api/profile', async (call) =>
  json(await changeProfile(call, call.caller, call.body)),
);

export const { GET, HEAD, POST, PUT, DELETE, OPTIONS } = otherMethods('/api/profile');
