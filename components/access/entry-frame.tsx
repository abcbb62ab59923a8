import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { LanguageSwitch } from '#components/shell/language-switch.tsx';
import { Logo } from '#components/shell/logo.tsx';

/** What surrounds the pages of people who are not signed in yet. */
export function EntryFrame({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  const t = useTranslations('shell');
  return (
    <main className="mx-auto grid min-h-dvh w-full max-w-sm content-center gap-6 px-4 py-10">
      <div className="flex items-center justify-between">
        <p className="flex items-center gap-2 font-semibold text-lg tracking-tight">
          <Logo />
          {t('product')}
        </p>
        <LanguageSwitch />
      </div>
      <div className="rounded-box border bg-surface p-6">
        <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
        {lead ? <p className="mt-1 text-muted">{lead}</p> : null}
        <div className="mt-5">{children}</div>
      </div>
    </main>
  );
}
