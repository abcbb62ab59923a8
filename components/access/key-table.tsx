'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Ago, Moment } from '#components/ui/moment.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import type { KeyDto } from '#lib/api-client/create-api-client.ts';

/** The keys, each by its beginning and end; the whole secret is nowhere. */
export function KeyTable({ keys, onRevoke }: { keys: KeyDto[]; onRevoke: (key: KeyDto) => void }) {
  const t = useTranslations('keys');
  const roles = useTranslations('shell.roles');
  return (
    <RecordTable
      caption={t('title')}
      items={keys}
      keyOf={({ id }) => id}
      columns={[
        {
          head: t('name'),
          className: 'wrap-anywhere',
          cell: (key) => (
            <>
              {key.name}
              <p className="font-mono text-muted text-sm">
                {key.prefix}…{key.lastFour}
              </p>
              <div className="mt-1 sm:hidden">
                <KeyState apiKey={key} />
              </div>
            </>
          ),
        },
        { head: t('state'), from: 'sm', cell: (key) => <KeyState apiKey={key} />, fact: () => null },
        { head: t('role'), from: 'md', cell: ({ role }) => roles(role) },
        {
          head: t('figuras'),
          from: 'lg',
          className: 'wrap-anywhere max-w-56',
          cell: ({ figuras, role }) =>
            figuras.includes('*') || role === 'admin' ? t('allFiguras') : figuras.join(', '),
        },
        {
          head: t('author'),
          from: 'lg',
          className: 'wrap-anywhere max-w-40',
          cell: (key) => (
            <>
              {key.createdBy.name}
              <p className="text-muted text-sm">
                <Ago at={key.createdAt} />
              </p>
            </>
          ),
          fact: (key) => key.createdBy.name,
        },
        {
          head: t('lastUse'),
          from: 'md',
          cell: ({ lastUsedAt }) =>
            lastUsedAt === null ? <span className="text-muted">{t('neverUsed')}</span> : <Ago at={lastUsedAt} />,
        },
        {
          head: t('expires'),
          from: 'lg',
          cell: ({ expiresAt }) =>
            expiresAt === null ? <span className="text-muted">{t('forever')}</span> : <Moment at={expiresAt} />,
        },
        {
          head: t('action'),
          isAction: true,
          cell: (key) =>
            key.revokedAt === null ? (
              <Button isSmall look="danger" aria-label={`${t('revoke')}: ${key.name}`} onClick={() => onRevoke(key)}>
                {t('revoke')}
              </Button>
            ) : null,
        },
      ]}
    />
  );
}

function KeyState({ apiKey }: { apiKey: KeyDto }) {
  const t = useTranslations('keys.states');
  if (apiKey.revokedAt !== null) {
    return (
      <Badge tone="neutral" icon="stop">
        {t('revoked')}
      </Badge>
    );
  }
  if (apiKey.expiresAt !== null && Date.parse(apiKey.expiresAt) < Date.now()) {
    return (
      <Badge tone="warn" icon="clock">
        {t('expired')}
      </Badge>
    );
  }
  return (
    <Badge tone="good" icon="check">
      {t('active')}
    </Badge>
  );
}
