import { classNames } from './class-names.ts';

/** A quiet block in the size of what will come. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span aria-hidden="true" className={classNames('block rounded-control bg-sunken', className ?? 'h-4 w-full')} />
  );
}

/** In the shape of a table that is still to come: its head and rows. */
export function TableSkeleton({ rows = 5 }: { rows?: number }) {
  return (
    <div className="overflow-hidden rounded-box border bg-surface" aria-busy="true">
      <div className="h-10 border-b bg-sunken" />
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks never move
        <div key={index} className="flex h-14 items-center gap-4 border-t px-4 first:border-t-0">
          <Skeleton className="h-5 w-28 shrink-0" />
          <Skeleton className="h-5 w-full" />
        </div>
      ))}
    </div>
  );
}

/** In the shape of a page whose heading is still to come, with cards of these heights below it. */
export function PageSkeleton({ cards }: { cards: readonly string[] }) {
  return (
    <div aria-busy="true">
      <Skeleton className="mb-3 h-8 w-64" />
      <Skeleton className="mb-5 h-5 w-40" />
      <div className="grid gap-5">
        {cards.map((height, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the blocks never move
          <Skeleton key={index} className={height} />
        ))}
      </div>
    </div>
  );
}
