import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/** A part of a page with a heading of its own. */
export function Card(props: { title?: ReactNode; action?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section className={classNames('min-w-0 rounded-box border bg-surface p-4 sm:p-5', props.className)}>
      {props.title || props.action ? (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
          {props.title ? <h2 className="font-semibold text-base">{props.title}</h2> : <span />}
          {props.action}
        </div>
      ) : null}
      {props.children}
    </section>
  );
}

/** The heading of a page, what it is for, and its main action. */
export function PageHeading(props: { title: ReactNode; lead?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-80">
        <h1 className="break-words font-semibold text-2xl tracking-tight">{props.title}</h1>
        {props.lead ? <p className="mt-1 max-w-prose text-pretty text-muted">{props.lead}</p> : null}
      </div>
      {props.action}
    </div>
  );
}
