import { z } from 'zod';
import { findJob } from '#lib/api/find-jobs.ts';
import { check, route } from '#lib/api/handler.ts';
import { downloadHeaders, openJobFile } from '#lib/api/job-files.ts';
import { FILE_FORMATS } from '#lib/job/job-states.ts';

const querySchema = z.object({ format: z.enum(FILE_FORMATS).exclude(['avro']).nullable().default(null) });

/** The file that was sent; with `format`, restored or converted. */
export const GET = route<{ figura: string; id: string }>('job:read', async (call) => {
  const { format } = check(Object.fromEntries(call.url.searchParams), querySchema, call.locale);
  const job = await findJob(call.pool, call.params.figura, call.params.id);
  const file = await openJobFile(call, job, format, call.request.signal);
  return new Response(file.stream, { headers: downloadHeaders(file) });
});
