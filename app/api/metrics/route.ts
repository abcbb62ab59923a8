import { route } from '#lib/api/handler.ts';
import { readMetrics } from '#lib/api/metrics.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Counts for Prometheus. */
export const GET = route(
  'GET /api/metrics',
  async ({ pool }) =>
    new Response(await readMetrics(pool), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/metrics');
