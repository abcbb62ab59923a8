import type { Call } from './handler.ts';
import { toJobDto } from './job-dto.ts';
import { jobPosition, listJobs } from './list-jobs.ts';
import { toPage } from './paging.ts';
import type { JobFilter } from './query-schemas.ts';

/** A page of the jobs that the caller may see, as the routes that list jobs answer it. */
export async function readJobPage(call: Omit<Call<'GET /api/jobs'>, 'query' | 'params'>, filter: JobFilter) {
  const { pool, env, caller, locale } = call;
  const rows = await listJobs(pool, caller, filter);
  return toPage(rows, filter.limit, call, (row) => toJobDto(row, env.PUBLIC_URL, locale), jobPosition(filter));
}
