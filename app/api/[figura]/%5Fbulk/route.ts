import { enqueueJob } from '#lib/api/enqueue-job.ts';
import { jobFilterSchema, jobPosition, listJobs } from '#lib/api/find-jobs.ts';
import { check, json, readBody, route } from '#lib/api/handler.ts';
import { statusPath, toJobDto } from '#lib/api/job-dto.ts';
import { toPage } from '#lib/api/paging.ts';
import { type EnqueuedDto, enqueueSchema } from '#lib/api/schemas.ts';

/** Enqueues a load of a file that lies in the bucket. */
export const PUT = route<{ figura: string }>('job:write', async (call) => {
  const { env, params, caller, request } = call;
  const body = await readBody(call, enqueueSchema);
  const job = await enqueueJob(call, caller, params.figura, body, request.headers.get('idempotency-key'));
  const location = statusPath(params.figura, job.id);
  const answer: EnqueuedDto = {
    id: job.id,
    status: job.status as EnqueuedDto['status'],
    statusUrl: env.PUBLIC_URL + location,
  };
  return json(answer, { status: job.created ? 202 : 200, headers: { location, 'retry-after': '1' } });
});

/** The figura's jobs, newest first. */
export const GET = route<{ figura: string }>('job:read', async ({ pool, env, caller, params, url, locale }) => {
  const filter = check(Object.fromEntries(url.searchParams), jobFilterSchema, locale);
  const rows = await listJobs(pool, caller, { ...filter, figura: params.figura });
  const { page, headers } = toPage(
    rows,
    filter.limit,
    url,
    env.PUBLIC_URL,
    (row) => toJobDto(row, env.PUBLIC_URL, locale),
    jobPosition,
  );
  return json(page, { headers });
});
