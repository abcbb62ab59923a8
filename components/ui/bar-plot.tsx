'use client';

import { useId } from 'react';
import { useFormats } from '#components/use-formats.ts';
import { classNames } from './class-names.ts';

export type SeriesLook = 'accent' | 'good' | 'warn' | 'bad' | 'muted';

const fills: Record<SeriesLook, string> = {
  accent: 'fill-accent',
  good: 'fill-good',
  warn: 'fill-warn',
  bad: 'fill-bad',
  muted: 'fill-muted',
};

const WIDTH = 720;
const HEIGHT = 240;
const FOOT = 22;
const TOP = 16;

/**
 * Stacked bars. What is drawn is also said in a table, which whoever uses it puts beside: to screen readers the plot is
 * one picture with a name.
 */
export function BarPlot(props: {
  label: string;
  /** From the bottom of a bar to its top. */
  series: { name: string; look: SeriesLook }[];
  bars: { name: string; values: number[] }[];
}) {
  const { series, bars } = props;
  const format = useFormats();
  const id = useId();
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const top = niceTop(Math.max(1, ...totals));
  const step = WIDTH / Math.max(1, bars.length);
  const height = (value: number) => (value / top) * (HEIGHT - FOOT - TOP);
  return (
    <figure className="m-0 min-w-0">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={id} className="h-auto w-full">
        <title id={id}>{props.label}</title>
        {[0, 0.5, 1].map((share) => {
          const y = HEIGHT - FOOT - height(top * share);
          return (
            <g key={share}>
              <line x1="0" x2={WIDTH} y1={y} y2={y} className="stroke-line" />
              <text x="0" y={y - 4} className="fill-muted text-[0.75rem]">
                {share === 0 ? '' : format.number(top * share)}
              </text>
            </g>
          );
        })}
        {bars.map((bar, index) => {
          let below = 0;
          return (
            <g key={bar.name}>
              {bar.values.map((value, part) => {
                const y = HEIGHT - FOOT - height(below + value);
                below += value;
                const look = series[part]?.look ?? 'accent';
                // A single rejected row among millions is still to be seen.
                const tall = value === 0 ? 0 : Math.max(2, height(value));
                return (
                  <rect
                    key={series[part]?.name}
                    x={index * step + step * 0.12}
                    y={y}
                    width={step * 0.76}
                    height={tall}
                    className={fills[look]}
                  >
                    <title>{`${bar.name} · ${series[part]?.name}: ${format.number(value)}`}</title>
                  </rect>
                );
              })}
            </g>
          );
        })}
        {[0, Math.floor((bars.length - 1) / 2), bars.length - 1]
          .filter((index, place, all) => index >= 0 && all.indexOf(index) === place)
          .map((index) => (
            <text
              key={index}
              x={index === 0 ? 0 : index === bars.length - 1 ? WIDTH : (index + 0.5) * step}
              y={HEIGHT - 5}
              textAnchor={index === 0 ? 'start' : index === bars.length - 1 ? 'end' : 'middle'}
              className="fill-muted text-[0.75rem]"
            >
              {bars[index]?.name}
            </text>
          ))}
      </svg>
      <figcaption>
        <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-muted text-sm">
          {series.map(({ name, look }) => (
            <li key={name} className="flex items-center gap-1.5">
              <svg viewBox="0 0 10 10" className="size-2.5" aria-hidden="true">
                <rect width="10" height="10" rx="2" className={classNames(fills[look])} />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

/** The next of 2, 4, 10, 20, 40 … so that the line at half of it has a whole number too. */
export function niceTop(value: number): number {
  const least = Math.max(2, value);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 4, 10].find((factor) => factor * power >= least) ?? 10);
}
