import { json, route } from '#lib/api/handler.ts';
import { listJobAuthors } from '#lib/api/job-authors.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** Who asked for the jobs that the caller may see. */
export const GET = route('GET /api/jobs/authors', async ({ pool, caller }) =>
  json({ names: await listJobAuthors(pool, caller) }),
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/jobs/authors');
