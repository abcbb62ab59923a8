import { useTranslations } from 'next-intl';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import type { IconName } from '#components/ui/icon.tsx';
import type { JobResult, JobStatus } from '#lib/job/job-states.ts';

/** How a state looks and which word it has: `complete` with rejected rows is never shown as a bare success. */
export type JobLook = Exclude<JobStatus, 'complete'> | 'success' | 'partial';

const looks: Record<JobLook, [Tone, IconName]> = {
  queued: ['neutral', 'clock'],
  processing: ['accent', 'turn'],
  success: ['good', 'check'],
  partial: ['warn', 'alert'],
  error: ['bad', 'cross'],
  cancelled: ['neutral', 'stop'],
};

/** The look of a job's state. */
export function jobLook(job: { status: JobStatus; result: JobResult | null }): JobLook {
  if (job.status !== 'complete') return job.status;
  return job.result === 'partial' ? 'partial' : 'success';
}

/** The look of a job that has ended. */
export function endLook(job: {
  status: JobStatus;
  result: JobResult | null;
}): Exclude<JobLook, 'queued' | 'processing'> {
  const look = jobLook(job);
  return look === 'queued' || look === 'processing' ? 'success' : look;
}

/** A job's state as a sign and a word. */
export function JobStatusBadge({ job }: { job: { status: JobStatus; result: JobResult | null } }) {
  const t = useTranslations('jobs.status');
  const look = jobLook(job);
  const [tone, icon] = looks[look];
  return (
    <Badge tone={tone} icon={icon}>
      {t(look)}
    </Badge>
  );
}
