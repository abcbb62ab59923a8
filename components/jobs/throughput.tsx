'use client';

import { useTranslations } from 'next-intl';
import { useId } from 'react';
import { niceTop } from '#components/ui/bar-plot.tsx';
import { Card } from '#components/ui/card.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';
import { type ThroughputPoint, throughputOf } from './throughput-points.ts';

const WIDTH = 720;
const HEIGHT = 220;
const FOOT = 22;
const TOP = 18;

/** Rows a second over the newest attempt, drawn and in figures. Nothing for a job too short to have samples. */
export function Throughput({ samples }: { samples: JobHistoryDto['samples'] }) {
  const t = useTranslations('job');
  const format = useFormats();
  const attempt = samples.at(-1)?.attempt ?? 0;
  const points = throughputOf(samples.filter((sample) => sample.attempt === attempt));
  if (points.length < 3) return null;
  return (
    <Card title={t('throughput.title')}>
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_26rem]">
        <Plot points={points} />
        <div className="max-h-72 overflow-y-auto">
          <Table caption={t('throughput.attempt', { number: attempt })}>
            <thead>
              <tr>
                <HeadCell isNumber>{t('throughput.time')}</HeadCell>
                <HeadCell>{t('throughput.phase')}</HeadCell>
                <HeadCell isNumber>{t('throughput.rows')}</HeadCell>
                <HeadCell isNumber>{t('throughput.speed')}</HeadCell>
              </tr>
            </thead>
            <tbody>
              {points.map((point) => (
                <Row key={point.elapsedMs}>
                  <Cell isNumber className="whitespace-nowrap">
                    {format.duration(point.elapsedMs)}
                  </Cell>
                  <Cell>{point.phase === 'done' ? '–' : t(`phases.${point.phase}`)}</Cell>
                  <Cell isNumber>{format.number(point.rowsRead)}</Cell>
                  <Cell isNumber>{format.number(point.rowsPerSecond)}</Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </div>
      </div>
    </Card>
  );
}

function Plot({ points }: { points: ThroughputPoint[] }) {
  const t = useTranslations('job.throughput');
  const format = useFormats();
  const id = useId();
  const peak = Math.max(...points.map(({ rowsPerSecond }) => rowsPerSecond));
  const top = niceTop(Math.max(1, peak));
  const end = points.at(-1)?.elapsedMs ?? 1;
  const x = (point: ThroughputPoint) => (point.elapsedMs / end) * WIDTH;
  const y = (rowsPerSecond: number) => HEIGHT - FOOT - (rowsPerSecond / top) * (HEIGHT - FOOT - TOP);
  const line = points.map((point) => `${x(point).toFixed(1)} ${y(point.rowsPerSecond).toFixed(1)}`).join('L');
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={id} className="h-auto w-full">
      <title id={id}>{t('plot', { peak: format.number(peak) })}</title>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line x1="0" x2={WIDTH} y1={y(top * share)} y2={y(top * share)} className="stroke-line" />
          {share > 0 ? (
            <text x="0" y={y(top * share) - 4} className="fill-muted text-[0.75rem]">
              {format.number(top * share)}
            </text>
          ) : null}
        </g>
      ))}
      <path d={`M0 ${y(0)}L${line}L${WIDTH} ${y(0)}Z`} className="fill-accent-soft" />
      <path d={`M${line}`} fill="none" strokeWidth="2" className="stroke-accent" />
      <text x="0" y={HEIGHT - 5} className="fill-muted text-[0.75rem]">
        0
      </text>
      <text x={WIDTH} y={HEIGHT - 5} textAnchor="end" className="fill-muted text-[0.75rem]">
        {format.duration(end)}
      </text>
    </svg>
  );
}
