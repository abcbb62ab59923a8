'use client';

import { useFormats } from '#components/use-formats.ts';
import { classNames } from './class-names.ts';
import { niceTop, PLOT_FLOOR, PLOT_WIDTH, PlotFrame, plotHeight } from './plot-frame.tsx';

export type SeriesLook = 'accent' | 'good' | 'warn' | 'bad' | 'muted';

const fills: Record<SeriesLook, string> = {
  accent: 'fill-accent',
  good: 'fill-good',
  warn: 'fill-warn',
  bad: 'fill-bad',
  muted: 'fill-muted',
};

/** Stacked bars. What is drawn is also said in a table, which whoever uses it puts beside. */
export function BarPlot(props: {
  label: string;
  /** From the bottom of a bar to its top. */
  series: { name: string; look: SeriesLook }[];
  bars: { name: string; values: number[] }[];
}) {
  const { series, bars } = props;
  const format = useFormats();
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const top = niceTop(Math.max(1, ...totals));
  const step = PLOT_WIDTH / Math.max(1, bars.length);
  const last = bars.length - 1;
  const feet = [0, Math.floor(last / 2), last]
    .filter((index, place, all) => index >= 0 && all.indexOf(index) === place)
    .map((index) => bars[index]?.name ?? '');
  return (
    <figure className="m-0 min-w-0">
      <PlotFrame label={props.label} top={top} feet={feet}>
        {bars.map((bar, index) => {
          let below = 0;
          return (
            <g key={bar.name}>
              {bar.values.map((value, part) => {
                const y = PLOT_FLOOR - plotHeight(below + value, top);
                below += value;
                const look = series[part]?.look ?? 'accent';
                // A single rejected row among millions is still to be seen.
                const tall = value === 0 ? 0 : Math.max(2, plotHeight(value, top));
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
      </PlotFrame>
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
