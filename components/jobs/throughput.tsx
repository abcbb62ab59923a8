'use client';

import { useTranslations } from 'next-intl';
import { niceTop, PLOT_FLOOR, PLOT_WIDTH, PlotCard, PlotFrame, plotHeight } from '#components/ui/plot-frame.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';
import { type ThroughputPoint, throughputOf } from './throughput-points.ts';

/** Rows a second over the newest attempt, drawn and in figures. Nothing for a job too short to have samples. */
export function Throughput({ samples }: { samples: JobHistoryDto['samples'] }) {
  const t = useTranslations('job');
  const format = useFormats();
  const attempt = samples.at(-1)?.attempt ?? 0;
  const points = throughputOf(samples.filter((sample) => sample.attempt === attempt));
  if (points.length < 3) return null;
  return (
    <PlotCard
      title={t('throughput.title')}
      plot={<Plot points={points} />}
      table={
        <RecordTable
          isShort
          caption={t('throughput.attempt', { number: attempt })}
          items={points}
          keyOf={({ elapsedMs }) => elapsedMs}
          columns={[
            {
              head: t('throughput.time'),
              isNumber: true,
              className: 'whitespace-nowrap',
              cell: ({ elapsedMs }) => format.duration(elapsedMs),
            },
            { head: t('throughput.phase'), cell: ({ phase }) => (phase === 'done' ? '–' : t(`phases.${phase}`)) },
            { head: t('throughput.rows'), isNumber: true, cell: ({ rowsRead }) => format.number(rowsRead) },
            { head: t('throughput.speed'), isNumber: true, cell: (point) => format.number(point.rowsPerSecond) },
          ]}
        />
      }
    />
  );
}

function Plot({ points }: { points: ThroughputPoint[] }) {
  const t = useTranslations('job.throughput');
  const format = useFormats();
  const peak = Math.max(...points.map(({ rowsPerSecond }) => rowsPerSecond));
  const top = niceTop(Math.max(1, peak));
  const end = points.at(-1)?.elapsedMs ?? 1;
  const x = (point: ThroughputPoint) => (point.elapsedMs / end) * PLOT_WIDTH;
  const y = (point: ThroughputPoint) => PLOT_FLOOR - plotHeight(point.rowsPerSecond, top);
  const line = points.map((point) => `${x(point).toFixed(1)} ${y(point).toFixed(1)}`).join('L');
  return (
    <PlotFrame label={t('plot', { peak: format.number(peak) })} top={top} feet={['0', format.duration(end)]}>
      <path d={`M0 ${PLOT_FLOOR}L${line}L${PLOT_WIDTH} ${PLOT_FLOOR}Z`} className="fill-accent-soft" />
      <path d={`M${line}`} fill="none" strokeWidth="2" vectorEffect="non-scaling-stroke" className="stroke-accent" />
    </PlotFrame>
  );
}
