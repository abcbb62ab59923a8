'use client';

import { useTranslations } from 'next-intl';
import { BarPlot } from '#components/ui/bar-plot.tsx';
import { PlotCard } from '#components/ui/plot-frame.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import { useFormats } from '#components/use-formats.ts';

/** What ended on one day. */
export interface DayFigures {
  /** As `2026-11-22`. */
  day: string;
  jobs: number;
  success: number;
  partial: number;
  failed: number;
  cancelled: number;
  rows: number;
  rejected: number;
  written: number;
}

const OUTCOMES = ['success', 'partial', 'failed', 'cancelled'] as const;
/** Each has its column in the table beside, for whom the colours are the same. */
const OUTCOME_LOOKS = { success: 'good', partial: 'warn', failed: 'bad', cancelled: 'muted' } as const;

/** Loads and rows of each day, drawn and in figures. */
export function DayPlots({ days }: { days: DayFigures[] }) {
  const t = useTranslations('overview');
  const format = useFormats();
  const label = (what: string) =>
    t('plot', { what, first: format.day(days[0]?.day ?? ''), last: format.day(days.at(-1)?.day ?? '') });
  // Newest first, as people read a table; days without anything say nothing there.
  const told = days.filter(({ jobs }) => jobs > 0).toReversed();
  return (
    <>
      <PlotCard
        title={t('jobsPerDay')}
        plot={
          <BarPlot
            label={label(t('jobsPerDay'))}
            series={OUTCOMES.map((outcome) => ({ name: t(outcome), look: OUTCOME_LOOKS[outcome] }))}
            bars={days.map((day) => ({
              name: format.day(day.day),
              values: OUTCOMES.map((outcome) => day[outcome]),
            }))}
          />
        }
        table={
          <DayTable
            caption={t('jobsPerDay')}
            days={told}
            figures={OUTCOMES.map((outcome) => [t(outcome), (day) => day[outcome]])}
          />
        }
      />
      <PlotCard
        title={t('rowsPerDay')}
        plot={
          <BarPlot
            label={label(t('rowsPerDay'))}
            series={[
              { name: t('written'), look: 'accent' },
              { name: t('skipped'), look: 'muted' },
              { name: t('rejected'), look: 'bad' },
            ]}
            bars={days.map((day) => ({
              name: format.day(day.day),
              values: [day.written, skippedOf(day), day.rejected],
            }))}
          />
        }
        table={
          <DayTable
            caption={t('rowsPerDay')}
            days={told}
            figures={[
              [t('rows'), ({ rows }) => rows],
              [t('written'), ({ written }) => written],
              [t('skipped'), skippedOf],
              [t('rejected'), ({ rejected }) => rejected],
            ]}
          />
        }
      />
    </>
  );
}

/** Rows left out of the table without a fault of theirs, all of a load that failed among them. */
function skippedOf({ rows, written, rejected }: DayFigures): number {
  return rows - written - rejected;
}

function DayTable(props: {
  caption: string;
  days: DayFigures[];
  figures: [name: string, read: (day: DayFigures) => number][];
}) {
  const t = useTranslations('overview');
  const format = useFormats();
  return (
    <RecordTable
      isShort
      caption={`${props.caption}: ${t('table')}`}
      items={props.days}
      keyOf={({ day }) => day}
      columns={[
        { head: t('day'), className: 'whitespace-nowrap', cell: ({ day }) => format.day(day) },
        ...props.figures.map(([head, read]) => ({
          head,
          isNumber: true,
          from: 'sm' as const,
          cell: (day: DayFigures) => format.number(read(day)),
        })),
      ]}
    />
  );
}
