'use client';

import { type ReactNode, useEffect, useRef } from 'react';
import { CopyButton } from '#components/ui/copy-button.tsx';

/** A secret that was just made, this once, to be copied; below it what to do with it. */
export function ShownOnce(props: {
  title: string;
  lead?: ReactNode;
  once: string;
  secret: string;
  copyLabel: string;
  children: ReactNode;
}) {
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    // The form it came from is gone: who works by keyboard or reader goes on here.
    if (props.secret) ref.current?.focus();
  }, [props.secret]);
  return (
    <section
      ref={ref}
      tabIndex={-1}
      aria-label={props.title}
      className="grid gap-3 rounded-box border-2 border-accent bg-surface p-4 sm:p-5"
    >
      <h2 className="wrap-anywhere font-semibold">{props.title}</h2>
      {props.lead}
      <p>{props.once}</p>
      <p className="flex flex-wrap items-center gap-2 rounded-control bg-sunken p-3">
        <code className="break-all font-mono">{props.secret}</code>
        <CopyButton text={props.secret} label={props.copyLabel} />
      </p>
      {props.children}
    </section>
  );
}
