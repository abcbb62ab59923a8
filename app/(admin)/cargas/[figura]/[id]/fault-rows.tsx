'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useCallback, useState } from 'react';
import { changeAddress } from '#components/change-address.ts';
import { RowFilters, type RowFilterValues } from '#components/jobs/row-filters.tsx';
import { RowGrid } from '#components/jobs/row-grid.tsx';
import { useMending } from '#components/jobs/use-mending.ts';
import { Button } from '#components/ui/button.tsx';
import { Card } from '#components/ui/card.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { jobRowsQuery } from '#lib/api-client/page-queries.ts';
import { explainedRows, readRowsQuestion } from './rows-question.ts';
import { useSendMended } from './use-send-mended.ts';

/** Rejected and skipped rows: searched, narrowed and, where that makes sense, mended in place. */
export function FaultRows({ job, history, canAct }: { job: JobDto; history: JobHistoryDto | null; canAct: boolean }) {
  const t = useTranslations('job');
  const format = useFormats();
  const client = useApiClient();
  const search = useSearchParams();
  const counts = explainedRows(job);
  const { status, values, filters } = readRowsQuestion(search, counts);
  const isFiltered = values.q !== '' || values.kind !== '';
  const rows = useInfiniteQuery({
    ...jobRowsQuery(client, job, filters),
    placeholderData: keepPreviousData,
  });
  const mending = useMending(job.id);
  const [isMending, setIsMending] = useState(false);
  const sending = useSendMended(job, history, mending.discard);
  // Of a load that wrote nothing, mending a few rows would leave all the others out.
  const canMend = canAct && status === 'ER' && job.status === 'complete' && !job.dryRun && history?.source != null;
  const change = useCallback((next: Partial<RowFilterValues>) => changeAddress({ ...next }, 'replace'), []);
  const { fetchNextPage, isFetching } = rows;
  const more = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  const shown = rows.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card
      title={t('faults.title')}
      action={
        counts.ER > 0 && counts.SK > 0 ? (
          <fieldset className="flex gap-1">
            <legend className="sr-only">{t('faults.which')}</legend>
            {(['ER', 'SK'] as const).map((choice) => (
              <Button
                key={choice}
                isSmall
                look={choice === status ? 'chosen' : 'plain'}
                aria-pressed={choice === status}
                onClick={() => changeAddress({ rows: choice, q: '', kind: '' }, 'replace')}
              >
                {t(`faults.${choice}`)} ({format.number(counts[choice])})
              </Button>
            ))}
          </fieldset>
        ) : null
      }
    >
      <div className="mb-3 flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-prose text-muted">
          {canMend ? t(isMending ? 'mend.lead' : 'faults.mendLead') : t(`faults.${leadOf(job, status)}`)}
        </p>
        {canMend ? (
          <Button
            look={isMending ? 'plain' : 'primary'}
            aria-pressed={isMending}
            onClick={() => setIsMending(!isMending)}
          >
            {t(isMending ? 'mend.stop' : 'mend.start')}
          </Button>
        ) : null}
      </div>
      <RowFilters
        key={status}
        values={values}
        kinds={status === 'ER' ? (history?.rowFaults ?? []) : []}
        count={counts[status]}
        onChange={change}
      />
      {rows.isPending ? (
        <Skeleton className="h-80 w-full" />
      ) : rows.isError && rows.data === undefined ? (
        <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />
      ) : shown.length === 0 ? (
        <p className="py-6 text-center text-muted">{t('faults.nothing')}</p>
      ) : (
        <>
          {rows.isError ? <ErrorState error={rows.error} onRetry={() => void rows.fetchNextPage()} /> : null}
          <RowGrid
            caption={t(`faults.${status}`)}
            rows={shown}
            rowCount={isFiltered ? null : counts[status]}
            hasMore={rows.hasNextPage && !rows.isError}
            onMore={more}
            mended={mending.mended}
            onEdit={canMend && isMending ? mending.edit : null}
          />
          <p className="mt-2 text-muted text-sm">
            {isFiltered
              ? null
              : t('faults.shown', { shown: format.number(shown.length), count: format.number(counts[status]) })}
          </p>
        </>
      )}
      {canMend && (isMending || mending.count > 0) ? (
        <div className="mt-3 flex flex-wrap items-center justify-end gap-2">
          <p role="status" className="mr-auto text-muted">
            {mending.count > 0 ? t('mend.kept', { count: mending.count }) : null}
          </p>
          {mending.count > 0 ? (
            <Button look="quiet" onClick={mending.discard}>
              {t('mend.discard')}
            </Button>
          ) : null}
          <Button
            look="primary"
            icon="upload"
            disabled={mending.count === 0}
            isBusy={sending.isBusy}
            onClick={() => sending.send(Object.values(mending.mended))}
          >
            {t('mend.send', { count: mending.count })}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function leadOf(job: JobDto, status: 'ER' | 'SK'): 'skippedLead' | 'dryLead' | 'failedLead' | 'rejectedLead' {
  if (status === 'SK') return 'skippedLead';
  if (job.dryRun) return 'dryLead';
  // Of a load that wrote nothing, these rows alone would leave out all the others.
  return job.status === 'complete' ? 'rejectedLead' : 'failedLead';
}
