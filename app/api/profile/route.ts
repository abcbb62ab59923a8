import { json, route } from '#lib/api/handler.ts';
import { changeProfile } from '#lib/api/profile.ts';

/** Changes one's own name or password. */
export const PATCH = route('PATCH /api/profile', async (call) =>
  json(await changeProfile(call, call.caller, call.body)),
);
