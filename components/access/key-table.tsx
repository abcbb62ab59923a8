'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { Ago, Moment } from '#components/ui/moment.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import type { KeyDto } from '#lib/api-client/create-api-client.ts';

/** The keys, each by its beginning and end; the whole secret is nowhere. */
export function KeyTable({ keys, onRevoke }: { keys: KeyDto[]; onRevoke: (key: KeyDto) => void }) {
  const t = useTranslations('keys');
  const roles = useTranslations('shell.roles');
  return (
    <Table caption={t('title')}>
      <thead>
        <tr>
          <HeadCell>{t('name')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('state')}</HeadCell>
          <HeadCell className="hidden md:table-cell">{t('role')}</HeadCell>
          <HeadCell className="hidden lg:table-cell">{t('figuras')}</HeadCell>
          <HeadCell className="hidden lg:table-cell">{t('author')}</HeadCell>
          <HeadCell className="hidden md:table-cell">{t('lastUse')}</HeadCell>
          <HeadCell className="hidden lg:table-cell">{t('expires')}</HeadCell>
          <HeadCell>
            <span className="sr-only">{t('action')}</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row key={key.id}>
            <Cell className="wrap-anywhere">
              {key.name}
              <p className="font-mono text-muted text-sm">
                {key.prefix}…{key.lastFour}
              </p>
              <div className="mt-1 sm:hidden">
                <KeyState apiKey={key} />
              </div>
            </Cell>
            <Cell className="hidden sm:table-cell">
              <KeyState apiKey={key} />
            </Cell>
            <Cell className="hidden md:table-cell">{roles(key.role)}</Cell>
            <Cell className="wrap-anywhere hidden max-w-56 lg:table-cell">
              {key.figuras.includes('*') || key.role === 'admin' ? t('allFiguras') : key.figuras.join(', ')}
            </Cell>
            <Cell className="wrap-anywhere hidden max-w-40 lg:table-cell">
              {key.createdBy.name}
              <p className="text-muted text-sm">
                <Ago at={key.createdAt} />
              </p>
            </Cell>
            <Cell className="hidden md:table-cell">
              {key.lastUsedAt === null ? (
                <span className="text-muted">{t('neverUsed')}</span>
              ) : (
                <Ago at={key.lastUsedAt} />
              )}
            </Cell>
            <Cell className="hidden lg:table-cell">
              {key.expiresAt === null ? (
                <span className="text-muted">{t('forever')}</span>
              ) : (
                <Moment at={key.expiresAt} />
              )}
            </Cell>
            <Cell className="text-right">
              {key.revokedAt === null ? (
                <Button isSmall look="danger" aria-label={`${t('revoke')}: ${key.name}`} onClick={() => onRevoke(key)}>
                  {t('revoke')}
                </Button>
              ) : null}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
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
