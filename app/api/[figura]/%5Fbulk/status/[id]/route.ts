import { z } from 'zod';
import { findJob } from '#lib/api/find-jobs.ts';
import { check, json, route } from '#lib/api/handler.ts';
import { toJobDto } from '#lib/api/job-dto.ts';
import { waitForStatus } from '#lib/api/watch-job.ts';
import { isTerminal } from '#lib/job/job-states.ts';

const MAX_WAIT_SECONDS = 30;
const querySchema = z.object({ wait: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).default(0) });

/** A job's status; with `wait`, held until it changes. */
export const GET = route<{ figura: string; id: string }>('job:read', async (call) => {
  const { params, url, locale, env, pool, request } = call;
  const { wait } = check(Object.fromEntries(url.searchParams), querySchema, locale);
  const job =
    wait > 0
      ? await waitForStatus(call, params.figura, params.id, wait, request.signal)
      : await findJob(pool, params.figura, params.id);
  const headers: HeadersInit = isTerminal(job.status) ? {} : { 'retry-after': '1' };
  return json(toJobDto(job, env.PUBLIC_URL, locale), { headers });
});
