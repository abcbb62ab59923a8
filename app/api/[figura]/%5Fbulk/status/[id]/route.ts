import { findJob } from '#lib/api/find-jobs.ts';
import { type Call, json, route } from '#lib/api/handler.ts';
import { toJobDto } from '#lib/api/job-dto.ts';
import { otherMethods } from '#lib/api/other-methods.ts';
import { waitForStatus } from '#lib/api/watch-job.ts';
import { isTerminal } from '#lib/job/job-states.ts';

/** A job's status; with `wait`, held until it changes. */
export const GET = route('GET /api/{figura}/_bulk/status/{id}', async (call) => {
  const { params, query, locale, env, pool } = call;
  const job = query.wait > 0 ? await waitAsCaller(call) : await findJob(pool, params.figura, params.id);
  const headers: HeadersInit = isTerminal(job.status) ? {} : { 'retry-after': '1' };
  return json(toJobDto(job, env.PUBLIC_URL, locale), { headers });
});

/** Holds the answer back, but from nobody who could not have it any more. */
async function waitAsCaller(call: Call<'GET /api/{figura}/_bulk/status/{id}'>) {
  const { params, query, request, callers, caller } = call;
  const watched = callers.watch(caller);
  try {
    const signal = AbortSignal.any([request.signal, watched.signal]);
    const job = await waitForStatus(call, params.figura, params.id, query.wait, signal);
    watched.signal.throwIfAborted();
    return job;
  } finally {
    watched.stop();
  }
}

export const { POST, PUT, PATCH, DELETE, OPTIONS } = otherMethods('/api/{figura}/_bulk/status/{id}');
