'use client';

import { type ReactNode, useId } from 'react';
import { useFormats } from '#components/use-formats.ts';
import { Card } from './card.tsx';

export const PLOT_WIDTH = 720;
const HEIGHT = 240;
const FOOT = 22;
const HEAD = 18;
/** Where the zero of every plot lies. */
export const PLOT_FLOOR = HEIGHT - FOOT;

/** How high above the floor a value is drawn where `top` is the highest line. */
export function plotHeight(value: number, top: number): number {
  return (value / top) * (PLOT_FLOOR - HEAD);
}

/** The next of 2, 4, 10, 20, 40 … so that the line at half of it has a whole number too. */
export function niceTop(value: number): number {
  const least = Math.max(2, value);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 4, 10].find((factor) => factor * power >= least) ?? 10);
}

/** A plot with its figures in a table beside it. */
export function PlotCard(props: { title: string; plot: ReactNode; table: ReactNode }) {
  return (
    <Card title={props.title}>
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_28rem]">
        {props.plot}
        <div className="max-h-72 overflow-y-auto">{props.table}</div>
      </div>
    </Card>
  );
}

/**
 * The picture of a plot: lines at zero, half and top, and texts below. To screen readers it is one picture with a name;
 * what is drawn is also said in a table.
 */
export function PlotFrame(props: {
  label: string;
  top: number;
  /** From left to right; `at` is a share of the width. */
  feet: { at: number; text: string }[];
  children: ReactNode;
}) {
  const { label, top, feet } = props;
  const format = useFormats();
  const id = useId();
  return (
    <svg viewBox={`0 0 ${PLOT_WIDTH} ${HEIGHT}`} role="img" aria-labelledby={id} className="h-auto w-full">
      <title id={id}>{label}</title>
      {[0, 0.5, 1].map((share) => {
        const y = PLOT_FLOOR - plotHeight(share, 1);
        return (
          <g key={share}>
            <line x1="0" x2={PLOT_WIDTH} y1={y} y2={y} className="stroke-line" />
            {share > 0 ? (
              <text x="0" y={y - 4} className="fill-muted text-[0.75rem]">
                {format.number(top * share)}
              </text>
            ) : null}
          </g>
        );
      })}
      {props.children}
      {feet.map(({ at, text }) => (
        <text
          key={at}
          x={at * PLOT_WIDTH}
          y={HEIGHT - 5}
          textAnchor={at === 0 ? 'start' : at === 1 ? 'end' : 'middle'}
          className="fill-muted text-[0.75rem]"
        >
          {text}
        </text>
      ))}
    </svg>
  );
}
