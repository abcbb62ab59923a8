import { findJob } from '#lib/api/find-jobs.ts';
import { json, route } from '#lib/api/handler.ts';
import { readJobHistory } from '#lib/api/job-history.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** What happened to a job, for its page. */
export const GET = route('GET /api/{figura}/_bulk/status/{id}/history', async ({ pool, params }) =>
  json(await readJobHistory(pool, await findJob(pool, params.figura, params.id))),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}/history');
