import { findJob } from '#lib/api/find-jobs.ts';
import { route } from '#lib/api/handler.ts';
import { toJobDto } from '#lib/api/job-dto.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { jobEventStream } from '#lib/api/watch-job.ts';

/** A job's changes as server-sent events, until it has ended. */
export const GET = route('GET /api/{figura}/_bulk/status/{id}/events', async (call) => {
  const { params, headers, locale, env, pool, request, streams, callers, caller } = call;
  const job = await findJob(pool, params.figura, params.id);
  const lastEventId = Number.parseInt(headers['last-event-id'] ?? '', 10);
  const watched = callers.watch(caller);
  const stream = jobEventStream(call, job, (row) => toJobDto(row, env.PUBLIC_URL, locale), {
    lastEventId: Number.isNaN(lastEventId) ? null : lastEventId,
    signal: AbortSignal.any([request.signal, streams.signal, watched.signal]),
    onEnd: watched.stop,
  });
  return new Response(stream, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // nginx and its kin would hold events back.
      'x-accel-buffering': 'no',
    },
  });
});

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}/events');
