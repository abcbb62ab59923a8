import { Readable } from 'node:stream';
import { rejectedRowsAsParquet, rejectedRowsAsText } from '#lib/api/error-download.ts';
import { findJob } from '#lib/api/find-jobs.ts';
import { route } from '#lib/api/handler.ts';
import { baseNameOf, contentTypeOf, downloadHeaders, recordDownload, toWebStream } from '#lib/api/job-files.ts';
import { otherMethods } from '#lib/api/other-methods.ts';

/** The rejected rows as a file: mend it, send it again. */
export const GET = route(
  'GET /api/{figura}/_bulk/status/{id}/errors',
  async ({ params, query, locale, pool, caller }) => {
    const { format, delimiter } = query;
    const job = await findJob(pool, params.figura, params.id);
    await recordDownload(pool, caller, job, 'job.errors_downloaded', format);
    const headers = downloadHeaders({
      fileName: `${baseNameOf(job.fileName)}.errors.${format}`,
      contentType: contentTypeOf(format),
    });
    const stream =
      format === 'parquet'
        ? await rejectedRowsAsParquet(pool, job.id, locale)
        : toWebStream(
            Readable.from(rejectedRowsAsText(pool, job.id, format, locale, delimiter), { objectMode: false }),
          );
    return new Response(stream, { headers });
  },
);

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}/errors');
