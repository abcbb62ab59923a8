import { classNames } from './class-names.ts';

/** A quiet block in the size of what will come. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden="true" className={classNames('block rounded-control bg-sunken', className ?? 'h-4 w-full')} />
  );
}
