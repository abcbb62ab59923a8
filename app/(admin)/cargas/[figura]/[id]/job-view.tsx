'use client';

import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { curlLine } from '#components/jobs/curl-line.ts';
import { chosenFile } from '#components/jobs/file-name.ts';
import { type JobAction, JobActions } from '#components/jobs/job-actions.tsx';
import { JobDownloads } from '#components/jobs/job-downloads.tsx';
import { JobEvents } from '#components/jobs/job-events.tsx';
import { JobFacts } from '#components/jobs/job-facts.tsx';
import { JobFigures } from '#components/jobs/job-figures.tsx';
import { JobPhases } from '#components/jobs/job-phases.tsx';
import { JobProgress } from '#components/jobs/job-progress.tsx';
import { endLook, JobStatusBadge, jobLook } from '#components/jobs/job-status.tsx';
import { MendingLinks } from '#components/jobs/mending-links.tsx';
import { SimulatedChanges } from '#components/jobs/simulated-changes.tsx';
import { Throughput } from '#components/jobs/throughput.tsx';
import { type LiveJob, useLiveJob } from '#components/jobs/use-live-job.ts';
import { useWaitingText } from '#components/jobs/use-waiting-text.ts';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { CopyButton } from '#components/ui/copy-button.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { LiveText } from '#components/ui/live-text.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useFaultText } from '#components/ui/use-fault-text.ts';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import type { EnqueueDto, JobDto } from '#lib/api/schemas.ts';
import { jobHistoryQuery } from '#lib/api-client/page-queries.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import { isTerminal } from '#lib/job/job-states.ts';
import { FaultRows } from './fault-rows.tsx';
import { explainedRows, hasSimulatedChanges } from './rows-question.ts';

/** One job, live until it ends. */
export function JobView(props: { figura: string; id: string; initial: JobDto | null; canAct: boolean }) {
  const t = useTranslations('job');
  const live = useLiveJob(props.figura, props.id, props.initial);
  if (live.job === null && live.error === null) return <JobSkeleton />;
  if (live.job === null) {
    return (
      <>
        <PageHeading title={t('title')} />
        <ErrorState error={live.error} onRetry={live.watchAgain} back={{ href: '/cargas', label: t('toList') }} />
      </>
    );
  }
  return <LoadedJob live={live} job={live.job} canAct={props.canAct} />;
}

function LoadedJob({ live, job, canAct }: { live: LiveJob; job: JobDto; canAct: boolean }) {
  const t = useTranslations('job');
  const client = useApiClient();
  const actions = useJobActions(job, live.watchAgain);
  const isEnded = isTerminal(job.status);
  const explained = explainedRows(job);
  const history = useJobHistory(job);
  const waiting = useWaiting(job);
  const { csvDelimiter } = useFormats();
  useProgressTitle(job);
  return (
    <div className="grid gap-5">
      <PageHeading
        title={chosenFile(job.file.name).name}
        lead={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <JobStatusBadge job={job} />
            <span>{t('into', { figura: job.figura })}</span>
          </span>
        }
        action={canAct ? <JobActions job={job} {...actions} /> : null}
      />
      <LiveText>{milestone(job, t)}</LiveText>
      {live.error !== null ? (
        <ErrorState
          title={t('lost')}
          error={live.error}
          onRetry={live.watchAgain}
          back={{ href: '/cargas', label: t('toList') }}
        />
      ) : live.connection === 'reconnecting' && !isEnded ? (
        <Notice tone="warn" icon="turn">
          {t('reconnecting')}
        </Notice>
      ) : null}
      {job.attempts > 1 ? (
        <Notice tone="accent" icon="again">
          {t('resumed', { count: job.attempts })}
        </Notice>
      ) : null}
      {job.dryRun ? (
        <Notice tone="warn" icon="info">
          {t('dryRun')}
        </Notice>
      ) : null}
      {job.error ? (
        <div role="alert" className="rounded-box border border-bad bg-surface p-4 sm:p-5">
          <p className="font-semibold text-bad">{t('failed')}</p>
          <p className="mt-1 break-words">{job.error.detail}</p>
          <p className="mt-2 text-muted text-sm">
            {t('faultCode')} <code className="font-mono">{job.error.code}</code>
          </p>
        </div>
      ) : null}
      {isEnded ? null : (
        <Card>
          <JobProgress job={job} />
          {waiting === '' ? null : <p className="mt-2 text-muted">{waiting}</p>}
        </Card>
      )}
      {history === null ? null : <MendingLinks figura={job.figura} history={history} />}
      <Card title={t(job.dryRun ? 'dryOutcome' : 'outcome')}>
        <JobFigures rows={job.rows} isFinal={isEnded} isDryRun={job.dryRun} />
        <p className="mt-4 text-muted text-sm">{isEnded ? endText(job, t) : t('figuresMove')}</p>
      </Card>
      {hasSimulatedChanges(job) ? <SimulatedChanges job={job} /> : null}
      {isEnded && explained.ER + explained.SK > 0 ? <FaultRows job={job} history={history} canAct={canAct} /> : null}
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_20rem]">
        <Card title={t('facts.title')} className="min-w-0">
          <JobFacts job={job} />
        </Card>
        <div className="order-first grid min-w-0 content-start gap-5 lg:order-none">
          <Card title={t('phases.title')}>
            <JobPhases job={job} />
          </Card>
          {isEnded ? (
            <Card title={t('downloads.title')}>
              <div className="grid gap-4">
                {job.rows.rejected > 0 ? (
                  <JobDownloads
                    title={t('downloads.rejected')}
                    hint={t('downloads.rejectedHint')}
                    links={(['csv', 'json', 'ndjson', 'parquet'] as const).map((format) => ({
                      label: formatLabels[format],
                      href: client.errorsUrl(job.figura, job.id, format, csvDelimiter),
                    }))}
                  />
                ) : null}
                <JobDownloads
                  title={t('downloads.original')}
                  hint={t('downloads.originalHint')}
                  links={(['json', 'csv', 'parquet'] as const).map((format) => ({
                    label: formatLabels[format],
                    href: client.fileUrl(job.figura, job.id, format),
                  }))}
                />
              </div>
            </Card>
          ) : null}
        </div>
      </div>
      {history === null ? null : (
        <>
          <Throughput samples={history.samples} />
          <JobEvents events={history.events} />
        </>
      )}
      <CurlCard job={job} />
    </div>
  );
}

/** Often enough for a plot that grows and a place in a queue, seldom enough for a service with many open pages. */
const HISTORY_REFETCH_MS = 3000;

/** Events, samples and counts of the job; asked for again while it or one that mends it runs, and at each change. */
function useJobHistory(job: JobDto) {
  const client = useApiClient();
  const history = useQuery({
    ...jobHistoryQuery(client, job),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const isAtRest = isTerminal(job.status) && (state.data?.mendedBy ?? []).every(({ status }) => isTerminal(status));
      return isAtRest ? false : HISTORY_REFETCH_MS;
    },
  });
  return history.data ?? null;
}

/** Why the job does not move. The event stream tells of changes of the job only; its place changes without one. */
function useWaiting(job: JobDto): string {
  const client = useApiClient();
  const waitingText = useWaitingText();
  const isWaiting = job.status === 'queued' || (job.status === 'processing' && job.phase === 'merging');
  const now = useQuery({
    queryKey: [...queryKeys.job(job.id), 'waiting'],
    queryFn: ({ signal }) => client.getJob(job.figura, job.id, { signal }),
    enabled: isWaiting,
    refetchInterval: HISTORY_REFETCH_MS,
  });
  if (!isWaiting) return '';
  return waitingText(now.data?.status === job.status ? now.data.waiting : job.waiting);
}

const formatLabels = { csv: 'CSV', json: 'JSON', ndjson: 'NDJSON', parquet: 'Parquet' } as const;

function CurlCard({ job }: { job: JobDto }) {
  const t = useTranslations('job.curl');
  const line = curlLine(job, new URL(job.links.self).origin);
  return (
    <Card title={t('title')} action={<CopyButton text={line} label={t('copy')} />}>
      <p className="mb-2 text-muted text-sm">{t('hint')}</p>
      <pre className="whitespace-pre-wrap break-all rounded-control bg-sunken p-3 font-mono text-sm">{line}</pre>
    </Card>
  );
}

function useJobActions(job: JobDto, watchAgain: () => void) {
  const t = useTranslations('job.actions');
  const client = useApiClient();
  const router = useRouter();
  const notify = useToast();
  const faultText = useFaultText();
  const [busyWith, setBusyWith] = useState<JobAction | null>(null);
  const mutation = useMutation({
    mutationFn: async (action: JobAction) => {
      if (action === 'cancel') await client.cancelJob(job.figura, job.id);
      if (action === 'retry') await client.retryJob(job.figura, job.id);
      if (action !== 'again' && action !== 'real') return null;
      const body = { ...job.options, url: job.file.url, format: job.file.format } as EnqueueDto;
      // Asked for twice, the real one is still made once; only "again" means another one.
      if (action === 'real') return client.enqueueJob(job.figura, body);
      return client.enqueueJob(job.figura, { ...body, force: true, ...(job.dryRun ? { dryRun: true } : {}) });
    },
    onMutate: setBusyWith,
    onSettled: () => setBusyWith(null),
    onSuccess: (enqueued, action) => {
      notify(t(`${action}Done`), 'good');
      if (enqueued) router.push(`/cargas/${job.figura}/${enqueued.id}`);
      else watchAgain();
    },
    onError: (error) => notify(faultText(error).text, 'bad'),
  });
  return { busyWith, onAction: mutation.mutate };
}

/** The tab tells how far the job is, so that people can look at something else meanwhile. */
function useProgressTitle(job: JobDto) {
  const t = useTranslations();
  const state = t(`jobs.status.${jobLook(job)}`);
  const percent = job.status === 'processing' ? `${Math.floor(job.progress.percent)} %` : state;
  const title = `${percent} · ${chosenFile(job.file.name).name} · ${t('shell.product')}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** What screen readers hear: each phase and the end, never the percents. */
function milestone(job: JobDto, t: ReturnType<typeof useTranslations<'job'>>): string {
  if (isTerminal(job.status)) return `${chosenFile(job.file.name).name}: ${endText(job, t)}`;
  if (job.phase === null || job.phase === 'done') return t('phases.queued');
  return t(`phases.${job.phase}`);
}

function endText(job: JobDto, t: ReturnType<typeof useTranslations<'job'>>): string {
  return t(`${job.dryRun ? 'dryEnds' : 'ends'}.${endLook(job)}`);
}

/** In the shape of the page: heading, figures, rows, facts beside phases. */
function JobSkeleton() {
  return (
    <div className="grid gap-5" aria-busy="true">
      <div className="mb-5 grid gap-2">
        <Skeleton className="h-8 w-72" />
        <Skeleton className="h-6 w-48" />
      </div>
      <Skeleton className="h-40 w-full" />
      <Skeleton className="h-80 w-full" />
      <div className="grid gap-5 lg:grid-cols-[1fr_20rem]">
        <Skeleton className="h-96 w-full" />
        <Skeleton className="h-64 w-full" />
      </div>
    </div>
  );
}
