import { classNames } from './class-names.ts';

/** A bar from 0 to 100; `percent: null` says that work goes on and nobody knows how much is left. */
export function ProgressBar(props: { label: string; percent: number | null; valueText?: string; className?: string }) {
  const percent = props.percent === null ? null : Math.min(100, Math.max(0, props.percent));
  return (
    <div
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent === null ? undefined : Math.round(percent)}
      aria-valuetext={props.valueText}
      className={classNames('h-2 w-full overflow-hidden rounded-full bg-sunken', props.className)}
    >
      {percent === null ? (
        <div className="h-full w-2/5 animate-slide rounded-full bg-accent" />
      ) : (
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-300"
          style={{ width: `${percent}%` }}
        />
      )}
    </div>
  );
}
