import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

/** Nothing here yet: what to do about it, with the button. `isPage` where there is nothing else: it heads the page. */
export function EmptyState(props: {
  icon?: IconName;
  title: ReactNode;
  lead?: ReactNode;
  action?: ReactNode;
  isPage?: boolean;
}) {
  const Title = props.isPage ? 'h1' : 'p';
  return (
    <div className="grid justify-items-center gap-2 rounded-box border border-dashed bg-surface px-6 py-12 text-center">
      {props.icon ? <Icon name={props.icon} isLarge className="text-muted" /> : null}
      <Title className="font-semibold text-lg">{props.title}</Title>
      {props.lead ? <p className="max-w-prose text-muted">{props.lead}</p> : null}
      {props.action ? <div className="mt-2">{props.action}</div> : null}
    </div>
  );
}
