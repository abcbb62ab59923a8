import { findJob } from '#lib/api/find-jobs.ts';
import { json, route } from '#lib/api/handler.ts';
import { listRows, toRowDto } from '#lib/api/job-rows.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { toPage } from '#lib/api/paging.ts';

/** The rows of a job that were refused (ER) or skipped (SK), in the file's order. */
export const GET = route('GET /api/{figura}/_bulk/status/{id}/rows', async (call) => {
  const { params, query, locale, pool } = call;
  const job = await findJob(pool, params.figura, params.id);
  const rows = await listRows(pool, job.id, query);
  const { page, headers } = toPage(
    rows,
    query.limit,
    call,
    (row) => toRowDto(row, locale, query.cells),
    (row) => [row.row],
  );
  return json(page, { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}/rows');
