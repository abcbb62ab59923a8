import { json, route } from '#lib/api/handler.ts';
import { readJobPage } from '#lib/api/job-page.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** The jobs of every figura the caller was given, newest first. */
export const GET = route('GET /api/jobs', async (call) => {
  const { page, headers } = await readJobPage(call, call.query);
  return json(page, { headers });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/jobs');
