import { findJob } from '#lib/api/find-jobs.ts';
import { check, json, route } from '#lib/api/handler.ts';
import { listRows, rowFilterSchema, toRowDto } from '#lib/api/job-rows.ts';
import { toPage } from '#lib/api/paging.ts';

/** The rows of a job that were refused (ER) or skipped (SK), in the file's order. */
export const GET = route<{ figura: string; id: string }>('job:read', async ({ params, url, locale, env, pool }) => {
  const filter = check(Object.fromEntries(url.searchParams), rowFilterSchema, locale);
  const job = await findJob(pool, params.figura, params.id);
  const rows = await listRows(pool, job.id, filter);
  const { page, headers } = toPage(
    rows,
    filter.limit,
    url,
    env.PUBLIC_URL,
    (row) => toRowDto(row, locale),
    (row) => [row.row],
  );
  return json(page, { headers });
});
