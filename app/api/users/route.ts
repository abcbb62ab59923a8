import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { idPosition, toPage } from '#lib/api/paging.ts';
import { createUser, listUsers, toUserDto } from '#lib/api/users.ts';

/** People, newest first. */
export const GET = route('GET /api/users', async (call) => {
  const { page, headers } = toPage(await listUsers(call, call.query), call.query.limit, call, toUserDto, idPosition);
  return json(page, { headers });
});

/** Adds a person. */
export const POST = route('POST /api/users', async (call) =>
  json(await createUser(call, call.caller, call.body), { status: 201 }),
);

export const { PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/users');
