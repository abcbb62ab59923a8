'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import { CopyButton } from '#components/ui/copy-button.tsx';
import { Moment } from '#components/ui/moment.tsx';
import type { AccessLinkDto } from '#lib/api-client/create-api-client.ts';

/** The link that was just made for somebody, this once. */
export function AccessLink({ link, name }: { link: AccessLinkDto; name: string }) {
  const t = useTranslations('users.link');
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    // The form it came from is gone: who works by keyboard or reader goes on here.
    if (link.url) ref.current?.focus();
  }, [link.url]);
  return (
    <section
      ref={ref}
      tabIndex={-1}
      aria-label={t('title', { name })}
      className="grid gap-3 rounded-box border-2 border-accent bg-surface p-4 sm:p-5"
    >
      <h2 className="wrap-anywhere font-semibold">{t('title', { name })}</h2>
      <p>{t('once')}</p>
      <p className="flex flex-wrap items-center gap-2 rounded-control bg-sunken p-3">
        <code className="break-all font-mono">{link.url}</code>
        <CopyButton text={link.url} label={t('copy')} />
      </p>
      <p className="text-muted text-sm">
        {t('until')} <Moment at={link.expiresAt} />
      </p>
    </section>
  );
}
