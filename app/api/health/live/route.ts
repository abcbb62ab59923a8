import { json, route } from '#lib/api/handler.ts';

/** Whether the process answers. */
export const GET = route('GET /api/health/live', async () => json({ status: 'live' }));
