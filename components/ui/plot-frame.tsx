'use client';

import type { ReactNode } from 'react';
import { useFormats } from '#components/use-formats.ts';
import { Card } from './card.tsx';

export const PLOT_WIDTH = 720;
/** Where the zero of every plot lies, at the bottom; the highest line is at 0. */
export const PLOT_FLOOR = 200;

/** How high above the floor a value is drawn where `top` is the highest line. */
export function plotHeight(value: number, top: number): number {
  return (value / top) * PLOT_FLOOR;
}

/** The next of 2, 4, 10, 20, 40 … so that the line at half of it has a whole number too. */
export function niceTop(value: number): number {
  const least = Math.max(2, value);
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 4, 10].find((factor) => factor * power >= least) ?? 10);
}

/** A plot with its figures in a short table beside it. */
export function PlotCard(props: { title: string; plot: ReactNode; table: ReactNode }) {
  return (
    <Card title={props.title}>
      <div className="grid items-start gap-5 lg:grid-cols-[1fr_30rem]">
        {props.plot}
        {props.table}
      </div>
    </Card>
  );
}

/**
 * The picture of a plot: lines at zero, half and top, and texts below. What is drawn is stretched to the width, texts
 * keep their size. To screen readers it is one picture with a name; what is drawn is also said in a table.
 */
export function PlotFrame(props: {
  label: string;
  top: number;
  /** From left to right. */
  feet: readonly string[];
  children: ReactNode;
}) {
  const format = useFormats();
  return (
    <div
      role="img"
      aria-label={props.label}
      className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-2 text-muted text-xs"
    >
      {/* Each number is as high as a line of text, and its middle is at its line of the plot. */}
      <div className="-my-2 flex flex-col justify-between text-right">
        {[props.top, props.top / 2, 0].map((value) => (
          <span key={value}>{format.number(value)}</span>
        ))}
      </div>
      <svg
        viewBox={`0 0 ${PLOT_WIDTH} ${PLOT_FLOOR}`}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="h-40 w-full overflow-visible lg:h-52"
      >
        {[0, PLOT_FLOOR / 2, PLOT_FLOOR].map((y) => (
          <line
            key={y}
            x1="0"
            x2={PLOT_WIDTH}
            y1={y}
            y2={y}
            vectorEffect="non-scaling-stroke"
            className="stroke-line"
          />
        ))}
        {props.children}
      </svg>
      <div className="col-start-2 mt-2 flex justify-between gap-2">
        {props.feet.map((text) => (
          <span key={text}>{text}</span>
        ))}
      </div>
    </div>
  );
}
