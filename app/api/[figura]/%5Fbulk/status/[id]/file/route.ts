import { findJob } from '#lib/api/find-jobs.ts';
import { route } from '#lib/api/handler.ts';
import { downloadHeaders, openJobFile, recordDownload } from '#lib/api/job-files.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** The file that was sent; with `format`, restored or converted. */
export const GET = route('GET /api/{figura}/_bulk/status/{id}/file', async (call) => {
  const job = await findJob(call.pool, call.params.figura, call.params.id);
  const file = await openJobFile(call, job, call.query.format, call.request.signal);
  await recordDownload(call.pool, call.caller, job, 'job.file_downloaded', call.query.format);
  return new Response(file.stream, { headers: downloadHeaders(file) });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}/file');
