import { classNames } from './class-names.ts';

// Drawn for this product on a 20 × 20 grid, strokes of 1.6.
const shapes = {
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  cross: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  alert: 'M10 3.2L17.6 16.5H2.4ZM10 8.2v4M10 14.2v.2',
  clock: 'M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14M10 6.2V10l2.6 1.8',
  turn: 'M10 3a7 7 0 1 1-7 7',
  stop: 'M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14M5.2 5.2l9.6 9.6',
  info: 'M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14M10 9.2v4.2M10 6.4v.2',
  file: 'M5 2.8h6.2L15.5 7v10.2H5ZM11 2.8V7.2h4.4',
  upload: 'M10 13V3.8M6.2 7.4L10 3.6l3.8 3.8M3.5 13.2v3.3h13v-3.3',
  download: 'M10 3.6V13M6.2 9.4L10 13.2l3.8-3.8M3.5 13.2v3.3h13v-3.3',
  again: 'M16 10a6 6 0 1 1-2-4.5M16.2 2.8v3.4h-3.4',
  copy: 'M7 7h9v9H7ZM4 13V4h9',
  down: 'M5.5 8l4.5 4.5L14.5 8',
  up: 'M5.5 12l4.5-4.5 4.5 4.5',
  right: 'M8 5.5l4.5 4.5L8 14.5',
  left: 'M12 5.5L7.5 10l4.5 4.5',
  person: 'M10 10a3.2 3.2 0 1 0 0-6.4a3.2 3.2 0 1 0 0 6.4M3.8 17c.6-3.3 3-4.8 6.2-4.8s5.6 1.5 6.2 4.8',
  plus: 'M10 4v12M4 10h12',
  search: 'M8.8 3.5a5.3 5.3 0 1 0 0 10.6a5.3 5.3 0 1 0 0-10.6M12.8 12.8l4 4',
  skip: 'M4 10h9M9.8 6.2l3.8 3.8-3.8 3.8M16.4 5v10',
  key: 'M6.7 10.2a3 3 0 1 0 0 .1M9.7 10.2H17v2.6M14 10.2v2',
  dot: 'M10 8.6a1.4 1.4 0 1 0 0 2.8a1.4 1.4 0 1 0 0-2.8',
} as const;

export type IconName = keyof typeof shapes;

/** A decorative sign, as large as the text around it; the word beside it carries the meaning. */
export function Icon({ name, isLarge = false, className }: { name: IconName; isLarge?: boolean; className?: string }) {
  return (
    <svg
      viewBox="0 0 20 20"
      className={classNames(
        isLarge ? 'size-9' : 'size-[1.15em]',
        'shrink-0',
        name === 'turn' && 'animate-turn',
        className,
      )}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={shapes[name]} />
    </svg>
  );
}
