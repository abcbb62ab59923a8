'use client';

import { useTranslations } from 'next-intl';
import { BarPlot } from '#components/ui/bar-plot.tsx';
import { PlotCard } from '#components/ui/plot-frame.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
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
          <Table caption={`${t('jobsPerDay')}: ${t('table')}`}>
            <thead>
              <tr>
                <HeadCell>{t('day')}</HeadCell>
                {OUTCOMES.map((outcome) => (
                  <HeadCell key={outcome} isNumber>
                    {t(outcome)}
                  </HeadCell>
                ))}
              </tr>
            </thead>
            <tbody>
              {told.map((day) => (
                <Row key={day.day}>
                  <Cell className="whitespace-nowrap">{format.day(day.day)}</Cell>
                  {OUTCOMES.map((outcome) => (
                    <Cell key={outcome} isNumber>
                      {format.number(day[outcome])}
                    </Cell>
                  ))}
                </Row>
              ))}
            </tbody>
          </Table>
        }
      />
      <PlotCard
        title={t('rowsPerDay')}
        plot={
          <BarPlot
            label={label(t('rowsPerDay'))}
            series={[
              { name: t('accepted'), look: 'accent' },
              { name: t('rejected'), look: 'bad' },
            ]}
            bars={days.map((day) => ({ name: format.day(day.day), values: [day.rows - day.rejected, day.rejected] }))}
          />
        }
        table={
          <Table caption={`${t('rowsPerDay')}: ${t('table')}`}>
            <thead>
              <tr>
                <HeadCell>{t('day')}</HeadCell>
                <HeadCell isNumber>{t('jobs')}</HeadCell>
                <HeadCell isNumber>{t('rows')}</HeadCell>
                <HeadCell isNumber>{t('rejected')}</HeadCell>
              </tr>
            </thead>
            <tbody>
              {told.map((day) => (
                <Row key={day.day}>
                  <Cell className="whitespace-nowrap">{format.day(day.day)}</Cell>
                  <Cell isNumber>{format.number(day.jobs)}</Cell>
                  <Cell isNumber>{format.number(day.rows)}</Cell>
                  <Cell isNumber>{format.number(day.rejected)}</Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        }
      />
    </>
  );
}
