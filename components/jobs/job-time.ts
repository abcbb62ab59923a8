import type { JobDto } from '#lib/api/schemas.ts';

/** How long a job had been running when the service told of it, or ran, without its time in the queue; null before. */
export function runningMs(job: Pick<JobDto, 'status' | 'startedAt' | 'timings'>): number | null {
  // Back in the queue after a failed attempt it has a start, but does not run.
  if (job.startedAt === null || job.status === 'queued') return null;
  return job.timings.totalMs - job.timings.queuedMs;
}
