import { type EnqueueResult, enqueueJob } from '#lib/api/enqueue-job.ts';
import { JSON_TYPE, json, route } from '#lib/api/handler.ts';
import { type KeptAnswer, toResponse } from '#lib/api/idempotency.ts';
import { statusPath } from '#lib/api/job-dto.ts';
import { readJobPage } from '#lib/api/job-page.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
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
  const { pool, params, query } = call;
  await requireFigura(pool, params.figura);
  const { page, headers } = await readJobPage(call, { ...query, figura: params.figura });
  return json(page, { headers });
});

export const { POST, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk');
