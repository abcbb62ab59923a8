import { type EnqueueResult, enqueueJob } from '#lib/api/enqueue-job.ts';
import { JSON_TYPE, json, route } from '#lib/api/handler.ts';
import { type KeptAnswer, toResponse } from '#lib/api/idempotency.ts';
import { statusPath, toJobDto } from '#lib/api/job-dto.ts';
import { jobPosition, listJobs } from '#lib/api/list-jobs.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { toPage } from '#lib/api/paging.ts';
import type { EnqueuedDto } from '#lib/api/schemas.ts';
import type { Queryable } from '#lib/db/pool.ts';
import { requireFigura } from '#lib/figura/figura-registry.ts';

/** Enqueues a load of a file that lies in the bucket. */
export const PUT = route('PUT /api/{figura}/_bulk', async (call) => {
  const { env, params, caller, body, idempotency } = call;
  const answerOf = (job: EnqueueResult): KeptAnswer => {
    const location = statusPath(params.figura, job.id);
    const status = job.status as EnqueuedDto['status'];
    const answer: EnqueuedDto = { id: job.id, status, statusUrl: env.PUBLIC_URL + location };
    const headers = { 'content-type': JSON_TYPE, location, 'retry-after': '1' };
    return { status: job.created ? 202 : 200, headers, body: JSON.stringify(answer) };
  };
  // In the job's own transaction: a process that dies cannot leave a job that its key does not know.
  const keep = async (db: Queryable, job: EnqueueResult) => idempotency?.keep(db, answerOf(job));
  return toResponse(answerOf(await enqueueJob(call, caller, params.figura, body, keep)));
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
    jobPosition(query),
  );
  return json(page, { headers });
});

export const { POST, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk');
