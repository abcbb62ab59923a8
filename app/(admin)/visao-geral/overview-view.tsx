'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTimeZone, useTranslations } from 'next-intl';
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
import { useClock } from '#components/use-clock.ts';
import { useFormats } from '#components/use-formats.ts';
import { overviewQuery } from '#lib/api-client/page-queries.ts';
import { addDays, dayOf } from '#lib/i18n/zoned-days.ts';
import { PERIODS, readOverviewPeriod } from './overview-period.ts';

/** Queue and workers are looked at while something is wrong; the sums behind the plots hardly move meanwhile. */
const REFETCH_MS = 10_000;

/** Loads of a period, queue, workers and system; the period lives in the address. */
export function OverviewView() {
  const t = useTranslations('overview');
  const format = useFormats();
  const client = useApiClient();
  const timeZone = useTimeZone() ?? 'UTC';
  const today = dayOf(useClock(), timeZone);
  const { days, period } = readOverviewPeriod(useSearchParams(), today, timeZone);
  const overview = useQuery({
    ...overviewQuery(client, period),
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
              <DayPlots days={fillDays(overview.data.days, days, today)} />
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

type Day = Parameters<typeof DayPlots>[0]['days'][number];

/** Days without a load have a place of their own in a plot of time. */
function fillDays(found: Day[], count: number, today: string): Day[] {
  const known = new Map(found.map((day) => [day.day, day]));
  return Array.from({ length: count }, (_, index) => {
    const day = addDays(today, index + 1 - count);
    return (
      known.get(day) ?? {
        day,
        jobs: 0,
        success: 0,
        partial: 0,
        failed: 0,
        cancelled: 0,
        rows: 0,
        rejected: 0,
        written: 0,
      }
    );
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
