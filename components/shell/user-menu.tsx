'use client';

import Link from 'next/link';
import { signOut } from 'next-auth/react';
import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Icon } from '#components/ui/icon.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

/** The signed-in person as the shell shows them. */
export interface ShellUser {
  name: string;
  email: string;
  role: 'viewer' | 'operator' | 'admin';
}

/** Who is signed in, the theme, and the way out. A popover of the browser's own: Esc and a click elsewhere close it. */
export function UserMenu({ user, theme }: { user: ShellUser; theme: string | null }) {
  const t = useTranslations('shell');
  const id = useId();
  const [isLeaving, setIsLeaving] = useState(false);
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        className="flex min-h-10 items-center gap-1.5 rounded-control px-2 hover:bg-sunken"
      >
        <Icon name="person" />
        <span className="sr-only">{t('userMenu')}</span>
        <span className="hidden max-w-40 truncate md:inline">{user.name}</span>
        <Icon name="down" className="text-muted" />
      </button>
      <div
        id={id}
        popover="auto"
        className="fixed inset-auto top-14 right-[max(1rem,calc((100vw-80rem)/2+1rem))] m-0 mt-1 w-64 rounded-box border bg-surface p-4 text-ink shadow-pop"
      >
        <p className="break-words font-semibold">{user.name}</p>
        <p className="break-all text-muted text-sm">{user.email}</p>
        <p className="mb-3 text-muted text-sm">{t(`roles.${user.role}`)}</p>
        <Link
          href="/perfil"
          className="mb-3 flex min-h-8 items-center text-accent hover:underline"
          // Going on within the application leaves the document, and with it the popover, as it is.
          onClick={(event) => event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover()}
        >
          {t('profile')}
        </Link>
        <ThemeSwitch initial={theme} />
        <Button
          className="mt-3 w-full"
          isBusy={isLeaving}
          onClick={() => {
            setIsLeaving(true);
            void signOut({ callbackUrl: '/login' }).catch(() => setIsLeaving(false));
          }}
        >
          {t('signOut')}
        </Button>
      </div>
    </>
  );
}
