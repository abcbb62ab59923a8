'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Disclosure } from '#components/ui/disclosure.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import type { AuditEntryDto } from '#lib/api-client/create-api-client.ts';

/** Who did what to what, when and from where; the change itself one click away. Nothing here can be edited. */
export function AuditTable(props: {
  entries: AuditEntryDto[];
  onFilter: (filter: { actor?: string; action?: string; target?: string }) => void;
}) {
  const t = useTranslations('audit');
  const kinds = useTranslations('audit.kinds');
  return (
    <Table caption={t('title')}>
      <thead>
        <tr>
          <HeadCell className="hidden md:table-cell">{t('at')}</HeadCell>
          <HeadCell>{t('actor')}</HeadCell>
          <HeadCell>{t('action')}</HeadCell>
          <HeadCell className="hidden md:table-cell">{t('target')}</HeadCell>
          <HeadCell className="hidden lg:table-cell">{t('address')}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.entries.map((entry) => (
          <Row key={entry.id}>
            <Cell className="hidden md:table-cell">
              <Moment at={entry.at} />
            </Cell>
            <Cell className="wrap-anywhere">
              <FilterButton text={entry.actor.name} onClick={() => props.onFilter({ actor: entry.actor.name })} />
              <p className="text-muted text-sm">{kinds(entry.actor.kind)}</p>
              <p className="text-muted text-sm md:hidden">
                <Moment at={entry.at} />
              </p>
            </Cell>
            <Cell className="wrap-anywhere">
              <FilterButton text={entry.action} onClick={() => props.onFilter({ action: entry.action })} />
              {entry.result === 'refused' ? (
                <div className="mt-1">
                  <Badge tone="warn" icon="stop">
                    {t('results.refused')}
                    {entry.code ? `: ${entry.code}` : ''}
                  </Badge>
                </div>
              ) : null}
              <p className="text-muted text-sm md:hidden">{entry.target}</p>
              {entry.before === null && entry.after === null ? null : (
                <Disclosure summary={<span className="text-sm">{t('details')}</span>}>
                  <dl className="grid gap-2">
                    <Side title={t('before')} value={entry.before} />
                    <Side title={t('after')} value={entry.after} />
                  </dl>
                </Disclosure>
              )}
            </Cell>
            <Cell className="wrap-anywhere hidden md:table-cell">
              <FilterButton text={entry.target} onClick={() => props.onFilter({ target: entry.target })} />
            </Cell>
            <Cell className="hidden font-mono text-sm lg:table-cell">{entry.address ?? '–'}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function FilterButton({ text, onClick }: { text: string; onClick: () => void }) {
  const t = useTranslations('audit');
  return (
    <button
      type="button"
      title={t('only', { text })}
      onClick={onClick}
      className="wrap-anywhere min-h-6 text-left hover:underline"
    >
      {text}
    </button>
  );
}

function Side({ title, value }: { title: string; value: unknown }) {
  if (value === null || value === undefined) return null;
  return (
    <div>
      <dt className="text-muted text-sm">{title}</dt>
      <dd>
        <pre className="whitespace-pre-wrap break-all rounded-control bg-sunken p-2 font-mono text-sm">
          {JSON.stringify(value, null, 2)}
        </pre>
      </dd>
    </div>
  );
}
