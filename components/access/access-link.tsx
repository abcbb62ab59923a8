'use client';

import { useTranslations } from 'next-intl';
import { Moment } from '#components/ui/moment.tsx';
import type { AccessLinkDto } from '#lib/api-client/create-api-client.ts';
import { ShownOnce } from './shown-once.tsx';

/** The link that was just made for somebody, this once. */
export function AccessLink({ link, name }: { link: AccessLinkDto; name: string }) {
  const t = useTranslations('users.link');
  return (
    <ShownOnce title={t('title', { name })} once={t('once')} secret={link.url} copyLabel={t('copy')}>
      <p className="text-muted text-sm">
        {t('until')} <Moment at={link.expiresAt} />
      </p>
    </ShownOnce>
  );
}
