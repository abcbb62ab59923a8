import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Card, PageHeading } from './card.tsx';
import { EmptyState } from './empty-state.tsx';
import { ErrorState } from './error-state.tsx';
import { focusFirst } from './focus-first.ts';
import type { IconName } from './icon.tsx';
import { TableSkeleton } from './skeleton.tsx';

/** A page of things that can be made: its button, the form that it opens, the list, and what to do while it is empty. */
export function MakingList<Item>(props: {
  title: string;
  lead: string;
  /** What the button says; null for who may not make any. */
  add: string | null;
  empty: { icon: IconName; title: string; lead: string };
  list: { data?: Item[]; isPending: boolean; error: unknown; refetch: () => unknown };
  isAdding: boolean;
  onToggle: () => void;
  form: ReactNode;
  /** Why the last one could not be made, where the form does not say so itself. */
  fault?: unknown;
  /** Shown of one that was just made. */
  made?: ReactNode;
  children: (items: Item[]) => ReactNode;
}) {
  const { list, isAdding, empty } = props;
  const items = list.data;
  const add =
    props.add === null ? null : (
      <Button look={isAdding ? 'plain' : 'primary'} icon="plus" aria-expanded={isAdding} onClick={props.onToggle}>
        {props.add}
      </Button>
    );
  return (
    <>
      <PageHeading title={props.title} lead={props.lead} action={items?.length ? add : null} />
      <div className="grid gap-5">
        {props.made}
        {isAdding && props.add !== null ? (
          <Card title={props.add}>
            {props.fault ? (
              <div className="mb-4">
                <ErrorState error={props.fault} />
              </div>
            ) : null}
            <div ref={focusFirst}>{props.form}</div>
          </Card>
        ) : null}
        {items === undefined ? (
          list.isPending ? (
            <TableSkeleton />
          ) : (
            <ErrorState error={list.error} onRetry={() => void list.refetch()} />
          )
        ) : items.length === 0 ? (
          <EmptyState {...empty} action={isAdding ? null : add} />
        ) : (
          props.children(items)
        )}
      </div>
    </>
  );
}
