import type { JobDto } from '#lib/api/schemas.ts';

/** How long a job has been running, or ran, without its time in the queue; null before it starts. */
export function runningMs(job: Pick<JobDto, 'startedAt' | 'finishedAt'>, now: number): number | null {
  if (job.startedAt === null) return null;
  const end = job.finishedAt === null ? now : Date.parse(job.finishedAt);
  return Math.max(0, end - Date.parse(job.startedAt));
}
