import type { ReactNode } from 'react';
import { type Tone, toneClasses } from './badge.tsx';
import { classNames } from './class-names.ts';
import { Icon, type IconName } from './icon.tsx';

/** A remark that stays on the page. */
export function Notice(props: { tone: Tone; icon: IconName; children: ReactNode; className?: string }) {
  return (
    <div
      className={classNames('flex items-start gap-2 rounded-box px-3 py-2', toneClasses[props.tone], props.className)}
    >
      <Icon name={props.icon} className="mt-1" />
      <div className="min-w-0 break-words text-ink">{props.children}</div>
    </div>
  );
}
