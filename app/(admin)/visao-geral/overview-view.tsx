'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { changeAddress } from '#components/change-address.ts';
import { DayPlots } from '#components/overview/day-plots.tsx';
import { FaultTable } from '#components/overview/fault-table.tsx';
import { FiguraTable } from '#components/overview/figura-table.tsx';
import { OverviewTiles } from '#components/overview/overview-tiles.tsx';
import { SystemState } from '#components/overview/system-state.tsx';
import { PageHeading } from '#components/ui/card.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { SelectField } from '#components/ui/field.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

const PERIODS = [1, 7, 30, 90, 365] as const;
const DEFAULT_DAYS = 30;
/** Queue and workers are looked at while something is wrong; the sums behind the plots hardly move meanwhile. */
const REFETCH_MS = 10_000;

/** Loads of a period, queue, workers and system; the period lives in the address. */
export function OverviewView() {
  const t = useTranslations('overview');
  const format = useFormats();
  const client = useApiClient();
  const asked = Number(useSearchParams().get('dias'));
  const days = PERIODS.find((period) => period === asked) ?? DEFAULT_DAYS;
  const overview = useQuery({
    queryKey: queryKeys.overview({ from: String(days) }),
    queryFn: ({ signal }) => client.getOverview(periodOf(days), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: REFETCH_MS,
  });
  return (
    <>
      <PageHeading
        title={t('title')}
        lead={t('lead')}
        action={
          <SelectField
            label={t('period')}
            value={days}
            onChange={(event) => changeAddress({ dias: event.target.value }, 'replace')}
          >
            {PERIODS.map((count) => (
              <option key={count} value={count}>
                {t('days', { count })}
              </option>
            ))}
          </SelectField>
        }
      />
      {overview.isError ? (
        <div className="mb-4">
          <ErrorState error={overview.error} onRetry={() => void overview.refetch()} />
        </div>
      ) : null}
      {overview.data ? (
        <div className="grid gap-5" aria-busy={overview.isPlaceholderData || undefined}>
          <OverviewTiles overview={overview.data} />
          {overview.data.total.jobs === 0 ? (
            <EmptyState icon="clock" title={t('empty')} lead={t('emptyLead')} />
          ) : (
            <>
              <DayPlots days={fillDays(overview.data.days, days)} />
              <div className="grid items-start gap-5 lg:grid-cols-2">
                <FiguraTable figuras={overview.data.figuras} />
                <FaultTable faults={overview.data.faults} />
              </div>
            </>
          )}
          {overview.data.system ? <SystemState system={overview.data.system} /> : null}
          <p className="text-muted text-sm">{t('zone', { zone: format.zone() })}</p>
        </div>
      ) : overview.isPending ? (
        <OverviewSkeleton />
      ) : null}
    </>
  );
}

/** From the beginning of the first day in the browser's zone until now. */
function periodOf(days: number) {
  const from = new Date();
  from.setHours(0, 0, 0, 0);
  from.setDate(from.getDate() - days + 1);
  return { from: from.toISOString(), zone: new Intl.DateTimeFormat().resolvedOptions().timeZone };
}

type Day = Parameters<typeof DayPlots>[0]['days'][number];

/** Days without a load have a place of their own in a plot of time. */
function fillDays(found: Day[], count: number): Day[] {
  const known = new Map(found.map((day) => [day.day, day]));
  return Array.from({ length: count }, (_, index) => {
    const date = new Date();
    date.setDate(date.getDate() - (count - 1 - index));
    // Swedish writes dates as ISO does, in the browser's zone.
    const day = date.toLocaleDateString('sv');
    return known.get(day) ?? { day, jobs: 0, success: 0, partial: 0, failed: 0, cancelled: 0, rows: 0, rejected: 0 };
  });
}

function OverviewSkeleton() {
  return (
    <div className="grid gap-5" aria-busy="true">
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-5">
        {['a', 'b', 'c', 'd', 'e'].map((key) => (
          <Skeleton key={key} className="h-24 w-full" />
        ))}
      </div>
      <Skeleton className="h-72 w-full" />
      <Skeleton className="h-72 w-full" />
    </div>
  );
}
