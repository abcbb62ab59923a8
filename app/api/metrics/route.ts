import { route } from '#lib/api/handler.ts';
import { readMetrics } from '#lib/api/metrics.ts';

/** Counts for Prometheus. */
export const GET = route(
  'GET /api/metrics',
  async ({ pool }) =>
    new Response(await readMetrics(pool), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
);
