import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Icon, type IconName } from './icon.tsx';

export type ButtonLook = 'primary' | 'plain' | 'chosen' | 'quiet' | 'danger';

const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover border-transparent font-semibold',
  plain: 'bg-surface text-ink border-line-strong hover:bg-sunken',
  // The one of several that holds: quieter than what leads on.
  chosen: 'bg-accent-soft text-accent border-accent font-semibold',
  quiet: 'bg-transparent text-accent border-transparent hover:bg-accent-soft',
  danger: 'bg-surface text-bad border-bad hover:bg-bad-soft',
};

/** The classes of a button, for links that look like one. */
export function buttonClass(look: ButtonLook = 'plain', isSmall = false): string {
  return classNames(
    'inline-flex items-center justify-center gap-2 rounded-control border text-center transition-colors',
    'disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55',
    isSmall ? 'min-h-8 px-2.5 py-1 text-sm' : 'min-h-10 px-4 py-2',
    looks[look],
  );
}

interface Looks {
  look?: ButtonLook;
  isSmall?: boolean;
  icon?: IconName;
}

/** A button; while `isBusy` it turns its icon and takes no click, but stays in the order of focus. */
export function Button({
  look,
  isSmall,
  icon,
  isBusy = false,
  className,
  children,
  onClick,
  type = 'button',
  ...rest
}: Looks & { isBusy?: boolean } & ComponentProps<'button'>) {
  const sign = isBusy ? 'turn' : icon;
  return (
    <button
      {...rest}
      type={isBusy ? 'button' : type}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
      className={classNames(buttonClass(look, isSmall), className)}
    >
      {sign ? <Icon name={sign} /> : null}
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  look,
  isSmall,
  icon,
  className,
  children,
  href,
}: Looks & { href: string; className?: string; children: ReactNode }) {
  return (
    <Link href={href} className={classNames(buttonClass(look, isSmall), className)}>
      {icon ? <Icon name={icon} /> : null}
      {children}
    </Link>
  );
}
