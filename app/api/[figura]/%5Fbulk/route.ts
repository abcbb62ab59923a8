import { enqueueJob } from '#lib/api/enqueue-job.ts';
import { jobPosition, listJobs } from '#lib/api/find-jobs.ts';
import { json, route } from '#lib/api/handler.ts';
import { statusPath, toJobDto } from '#lib/api/job-dto.ts';
import { toPage } from '#lib/api/paging.ts';
import type { EnqueuedDto } from '#lib/api/schemas.ts';
import { requireFigura } from '#lib/figura/figura-registry.ts';

/** Enqueues a load of a file that lies in the bucket. */
export const PUT = route('PUT /api/{figura}/_bulk', async (call) => {
  const { env, params, caller, body, headers } = call;
  const job = await enqueueJob(call, caller, params.figura, body, headers['idempotency-key'] ?? null);
  const location = statusPath(params.figura, job.id);
  const answer: EnqueuedDto = {
    id: job.id,
    status: job.status as EnqueuedDto['status'],
    statusUrl: env.PUBLIC_URL + location,
  };
  return json(answer, { status: job.created ? 202 : 200, headers: { location, 'retry-after': '1' } });
});

/** The figura's jobs, newest first. */
export const GET = route('GET /api/{figura}/_bulk', async (call) => {
  const { pool, env, caller, params, query, locale } = call;
  await requireFigura(pool, params.figura);
  const rows = await listJobs(pool, caller, { ...query, figura: params.figura });
  const { page, headers } = toPage(
    rows,
    query.limit,
    call,
    (row) => toJobDto(row, env.PUBLIC_URL, locale),
    jobPosition,
  );
  return json(page, { headers });
});
