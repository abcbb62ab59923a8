import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { SessionOver } from '#components/access/session-over.tsx';
import { CommandMenu } from './command-menu.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { Logo } from './logo.tsx';
import { NavLinks } from './nav-links.tsx';
import { type ShellUser, UserMenu } from './user-menu.tsx';

/** What surrounds every page of a signed-in person. */
export function AppShell({ user, theme, children }: { user: ShellUser; theme: string | null; children: ReactNode }) {
  const t = useTranslations('shell');
  return (
    <>
      <a
        href="#conteudo"
        className="sr-only z-50 rounded-control bg-accent text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:px-4 focus:py-2"
      >
        {t('skip')}
      </a>
      <header className="z-30 border-b bg-surface lg:sticky lg:top-0">
        <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-6 px-4 lg:h-14 lg:flex-nowrap">
          <Link href="/" className="flex h-14 items-center gap-2 font-semibold text-lg tracking-tight">
            <Logo />
            {t('product')}
          </Link>
          <NavLinks isAdmin={user.role === 'admin'} />
          <div className="ml-auto flex items-center gap-1">
            <CommandMenu role={user.role} />
            <LanguageSwitch />
            <UserMenu user={user} theme={theme} />
          </div>
        </div>
      </header>
      <main id="conteudo" tabIndex={-1} className="mx-auto max-w-7xl px-4 pt-6 pb-24 outline-none">
        {children}
      </main>
      <SessionOver />
    </>
  );
}
