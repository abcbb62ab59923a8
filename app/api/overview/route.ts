import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { readOverview } from '#lib/api/overview.ts';

/** How the loads of a period went, what waits, and who works. */
export const GET = route('GET /api/overview', async (call) => json(await readOverview(call, call.caller, call.query)));

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/overview');
