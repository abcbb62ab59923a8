import type { JobDto } from '#lib/api/schemas.ts';

/** How long a job has been running, or ran, without its time in the queue; null while it waits there. */
export function runningMs(job: Pick<JobDto, 'status' | 'startedAt' | 'finishedAt'>, now: number): number | null {
  // Back in the queue after a failed attempt it has a start, but does not run.
  if (job.startedAt === null || job.status === 'queued') return null;
  const end = job.finishedAt === null ? now : Date.parse(job.finishedAt);
  return Math.max(0, end - Date.parse(job.startedAt));
}
