'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Button } from '#components/ui/button.tsx';
import { classNames } from '#components/ui/class-names.ts';
import { Ago, Moment } from '#components/ui/moment.tsx';
import { Cell, HeadCell, NarrowFacts, Row, Table } from '#components/ui/table.tsx';
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
        {keys.map((key) => {
          const figuras = key.figuras.includes('*') || key.role === 'admin' ? t('allFiguras') : key.figuras.join(', ');
          const lastUse = key.lastUsedAt === null ? t('neverUsed') : <Ago at={key.lastUsedAt} />;
          const expires = key.expiresAt === null ? t('forever') : <Moment at={key.expiresAt} />;
          return (
            <Row key={key.id}>
              <Cell className="wrap-anywhere">
                {key.name}
                <p className="font-mono text-muted text-sm">
                  {key.prefix}…{key.lastFour}
                </p>
                <div className="mt-1 sm:hidden">
                  <KeyState apiKey={key} />
                </div>
                <NarrowFacts
                  facts={[
                    ['md', t('role'), roles(key.role)],
                    ['lg', t('figuras'), figuras],
                    ['lg', t('author'), key.createdBy.name],
                    ['md', t('lastUse'), lastUse],
                    ['lg', t('expires'), expires],
                  ]}
                />
              </Cell>
              <Cell className="hidden sm:table-cell">
                <KeyState apiKey={key} />
              </Cell>
              <Cell className="hidden md:table-cell">{roles(key.role)}</Cell>
              <Cell className="wrap-anywhere hidden max-w-56 lg:table-cell">{figuras}</Cell>
              <Cell className="wrap-anywhere hidden max-w-40 lg:table-cell">
                {key.createdBy.name}
                <p className="text-muted text-sm">
                  <Ago at={key.createdAt} />
                </p>
              </Cell>
              <Cell className={classNames('hidden md:table-cell', key.lastUsedAt === null && 'text-muted')}>
                {lastUse}
              </Cell>
              <Cell className={classNames('hidden lg:table-cell', key.expiresAt === null && 'text-muted')}>
                {expires}
              </Cell>
              <Cell className="text-right">
                {key.revokedAt === null ? (
                  <Button
                    isSmall
                    look="danger"
                    aria-label={`${t('revoke')}: ${key.name}`}
                    onClick={() => onRevoke(key)}
                  >
                    {t('revoke')}
                  </Button>
                ) : null}
              </Cell>
            </Row>
          );
        })}
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
