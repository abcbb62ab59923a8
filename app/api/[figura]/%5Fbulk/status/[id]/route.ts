import { findJob } from '#lib/api/find-jobs.ts';
import { json, route } from '#lib/api/handler.ts';
import { toJobDto } from '#lib/api/job-dto.ts';
import { waitForStatus } from '#lib/api/watch-job.ts';
import { isTerminal } from '#lib/job/job-states.ts';

/** A job's status; with `wait`, held until it changes. */
export const GET = route('GET /api/{figura}/_bulk/status/{id}', async (call) => {
  const { params, query, locale, env, pool, request } = call;
  const job =
    query.wait > 0
      ? await waitForStatus(call, params.figura, params.id, query.wait, request.signal)
      : await findJob(pool, params.figura, params.id);
  const headers: HeadersInit = isTerminal(job.status) ? {} : { 'retry-after': '1' };
  return json(toJobDto(job, env.PUBLIC_URL, locale), { headers });
});
