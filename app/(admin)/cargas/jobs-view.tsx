'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTimeZone, useTranslations } from 'next-intl';
import { useCallback, useState } from 'react';
import { changeAddress } from '#components/change-address.ts';
import { JobFilters, type JobFilterValues } from '#components/jobs/job-filters.tsx';
import { type JobOrder, JobTable } from '#components/jobs/job-table.tsx';
import { MarkedJobs } from '#components/jobs/marked-jobs.tsx';
import { useSteadyList } from '#components/jobs/use-steady-list.ts';
import { Button, ButtonLink } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { TableSkeleton } from '#components/ui/skeleton.tsx';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { jobAuthorsQuery, jobListQuery } from '#lib/api-client/page-queries.ts';
import { isTerminal } from '#lib/job/job-states.ts';
import { readJobListQuestion } from './job-list-question.ts';
import { useSeveralJobs } from './use-several-jobs.ts';

/** While something runs the list moves with it; otherwise it only has to notice jobs that others started. */
const RUNNING_REFETCH_MS = 2000;
const IDLE_REFETCH_MS = 15_000;

/** The list of jobs; filters and page live in the address, so that reload, back and a copied link restore them. */
export function JobsView({ canAct }: { canAct: boolean }) {
  const t = useTranslations('jobs');
  const format = useFormats();
  const client = useApiClient();
  const search = useSearchParams();
  const { values, order, filters } = readJobListQuestion(search, useTimeZone() ?? 'UTC');
  const figuras = useAllFiguras();
  const authors = useQuery(jobAuthorsQuery(client));
  const jobs = useQuery({
    ...jobListQuery(client, filters),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((job) => !isTerminal(job.status)) ? RUNNING_REFETCH_MS : IDLE_REFETCH_MS,
  });
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const several = useSeveralJobs(() => setMarked(new Set()));
  const list = useSteadyList(jobs.data?.items ?? NO_JOBS, JSON.stringify(filters));
  const markedJobs = list.shown.filter(({ id }) => marked.has(id));
  const change = useCallback((next: Partial<JobFilterValues> | JobOrder) => {
    // Another question starts on its first page.
    changeAddress({ ...next, cursor: null }, 'replace');
  }, []);
  const isFiltered = Object.values(values).some((value) => value !== '');

  return (
    <>
      <JobFilters
        values={values}
        figuras={figuras.data?.map(({ name }) => name) ?? []}
        authors={authors.data ?? []}
        onChange={change}
      />
      {jobs.isError && jobs.data === undefined ? (
        <ErrorState error={jobs.error} onRetry={() => void jobs.refetch()} />
      ) : jobs.isPending ? (
        // Below the row above the list.
        <div className="mt-10">
          <TableSkeleton rows={10} />
        </div>
      ) : (jobs.data?.items.length ?? 0) === 0 ? (
        <EmptyState
          icon={isFiltered ? 'search' : 'upload'}
          title={isFiltered ? t('nothingFound') : t('empty')}
          lead={isFiltered ? t('nothingFoundLead') : t('emptyLead')}
          action={
            isFiltered || filters.cursor ? (
              <Button onClick={() => change({ status: '', figura: '', q: '', author: '', from: '', to: '' })}>
                {t('clearFilters')}
              </Button>
            ) : canAct ? (
              <ButtonLink look="primary" icon="upload" href="/importar">
                {t('importFile')}
              </ButtonLink>
            ) : null
          }
        />
      ) : (
        <>
          {jobs.isError ? (
            // The last list stays: what it shows was true a moment ago.
            <div className="mb-4">
              <ErrorState error={jobs.error} onRetry={() => void jobs.refetch()} />
            </div>
          ) : null}
          <div {...list.pointer}>
            {/* Above the table and of fixed height: what it says must not push the rows either. */}
            <div role="status" className="mb-2 flex min-h-8 items-center">
              {list.waiting > 0 ? (
                <Button isSmall icon="up" onClick={list.release}>
                  {t('newJobs', { count: list.waiting })}
                </Button>
              ) : null}
            </div>
            <JobTable
              jobs={list.shown}
              isBusy={jobs.isPlaceholderData}
              order={order}
              onOrder={change}
              marked={canAct ? marked : null}
              onMark={(ids, isMarked) => setMarked((before) => mark(before, ids, isMarked))}
            />
          </div>
          {markedJobs.length > 0 ? (
            <MarkedJobs
              jobs={markedJobs}
              busyWith={several.busyWith}
              onAction={several.act}
              onClear={() => setMarked(new Set())}
            />
          ) : null}
          <div className="mt-3 flex flex-wrap items-center justify-between gap-3">
            <p className="text-muted text-sm">{t('zone', { zone: format.zone() })}</p>
            <nav aria-label={t('pages')} className="flex gap-2">
              {filters.cursor ? (
                <Button isSmall icon="left" onClick={() => goToPage(null)}>
                  {t('firstPage')}
                </Button>
              ) : null}
              {jobs.data?.nextCursor ? (
                <Button isSmall onClick={() => goToPage(jobs.data?.nextCursor ?? null)}>
                  {t('nextPage')}
                </Button>
              ) : null}
            </nav>
          </div>
        </>
      )}
    </>
  );
}

const NO_JOBS: JobDto[] = [];

function mark(before: ReadonlySet<string>, ids: string[], isMarked: boolean): ReadonlySet<string> {
  const after = new Set(before);
  for (const id of ids) {
    if (isMarked) after.add(id);
    else after.delete(id);
  }
  return after;
}

function goToPage(cursor: string | null) {
  // A page of its own in the history: back leads to the one before.
  changeAddress({ cursor }, 'push');
  window.scrollTo({ top: 0 });
}
