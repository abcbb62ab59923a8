import { jobFilterSchema, jobPosition, listJobs } from '#lib/api/find-jobs.ts';
import { check, json, route } from '#lib/api/handler.ts';
import { toJobDto } from '#lib/api/job-dto.ts';
import { toPage } from '#lib/api/paging.ts';

/** The jobs of every figura the caller was given, newest first. */
export const GET = route('job:read', async ({ pool, env, caller, url, locale }) => {
  const filter = check(Object.fromEntries(url.searchParams), jobFilterSchema, locale);
  const rows = await listJobs(pool, caller, filter);
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
