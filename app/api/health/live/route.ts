import { json, route } from '#lib/api/handler.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Whether the process answers. */
export const GET = route('GET /api/health/live', async () => json({ status: 'live' }));

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/health/live');
