import { json, route } from '#lib/api/handler.ts';
import { toJobDto } from '#lib/api/job-dto.ts';
import { jobPosition, listJobs } from '#lib/api/list-jobs.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { toPage } from '#lib/api/paging.ts';

/** The jobs of every figura the caller was given, newest first. */
export const GET = route('GET /api/jobs', async (call) => {
  const { pool, env, caller, query, locale } = call;
  const rows = await listJobs(pool, caller, query);
  const { page, headers } = toPage(
    rows,
    query.limit,
    call,
    (row) => toJobDto(row, env.PUBLIC_URL, locale),
    jobPosition(query),
  );
  return json(page, { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/jobs');
