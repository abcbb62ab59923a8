'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { JobFigures } from '#components/jobs/job-figures.tsx';
import { JobProgress } from '#components/jobs/job-progress.tsx';
import { endLook } from '#components/jobs/job-status.tsx';
import { SimulatedChanges } from '#components/jobs/simulated-changes.tsx';
import { useLiveJob } from '#components/jobs/use-live-job.ts';
import { ErrorState } from '#components/ui/error-state.tsx';
import { LiveText } from '#components/ui/live-text.tsx';
import { isTerminal } from '#lib/job/job-states.ts';

/** What an import would do to the table, as its simulation found it: live until it ends. */
export function Simulation({ figura, jobId }: { figura: string; jobId: string }) {
  const t = useTranslations('upload.simulation');
  const ends = useTranslations('job.dryEnds');
  const { job, error, watchAgain } = useLiveJob(figura, jobId, null);
  const isEnded = job !== null && isTerminal(job.status);
  // The reasons stand on the job's page, not below.
  const endOf = (look: ReturnType<typeof endLook>) => (look === 'partial' ? t('partial') : ends(look));
  return (
    <section aria-label={t('title')} className="mt-4 grid gap-3 rounded-box border bg-sunken p-4">
      <h2 className="font-semibold">{t('title')}</h2>
      <LiveText>{isEnded ? endOf(endLook(job)) : ''}</LiveText>
      {error !== null ? <ErrorState error={error} onRetry={watchAgain} /> : null}
      {job === null ? (
        <p className="text-muted">{t('begins')}</p>
      ) : isEnded ? (
        <>
          <p>{job.error?.detail ?? endOf(endLook(job))}</p>
          {job.status === 'complete' ? <JobFigures rows={job.rows} isFinal isDryRun /> : null}
          {job.status === 'complete' && job.rows.updated > 0 ? <SimulatedChanges job={job} /> : null}
          <Link href={`/cargas/${figura}/${jobId}`} className="justify-self-start text-accent underline">
            {t('whole')}
          </Link>
        </>
      ) : (
        <JobProgress job={job} />
      )}
    </section>
  );
}
