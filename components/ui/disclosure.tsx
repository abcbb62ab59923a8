import type { ReactNode } from 'react';
import { Icon } from './icon.tsx';

/** Something most people never need, one click away. */
export function Disclosure(props: {
  summary: ReactNode;
  children: ReactNode;
  isOpen?: boolean;
  onToggle?: (isOpen: boolean) => void;
}) {
  return (
    <details
      className="group"
      open={props.isOpen}
      onToggle={props.onToggle && ((event) => props.onToggle?.(event.currentTarget.open))}
    >
      <summary className="-mx-1 inline-flex min-h-8 list-none items-center gap-1.5 rounded-control px-1 text-accent">
        <Icon name="right" className="transition-transform group-open:rotate-90" />
        {props.summary}
      </summary>
      <div className="mt-3">{props.children}</div>
    </details>
  );
}
