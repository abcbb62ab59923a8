import { cancelJob } from '#lib/api/end-jobs.ts';
import { json, route } from '#lib/api/handler.ts';
import { statusPath, toJobDto } from '#lib/api/job-dto.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Asks for a job's end: what was not merged is not merged. */
export const POST = route(
  'POST /api/{figura}/_bulk/status/{id}/cancellation',
  async ({ pool, env, caller, params, locale }) => {
    const job = await cancelJob(pool, caller, params.figura, params.id);
    const location = statusPath(params.figura, params.id);
    return json(toJobDto(job, env.PUBLIC_URL, locale), { status: 202, headers: { location } });
  },
);

export const { GET, HEAD, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}/cancellation');
