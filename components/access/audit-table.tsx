'use client';

import { useTranslations } from 'next-intl';
import { chosenFile } from '#components/jobs/file-name.ts';
import { Badge } from '#components/ui/badge.tsx';
import { classNames } from '#components/ui/class-names.ts';
import { Disclosure } from '#components/ui/disclosure.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import type { AuditEntryDto } from '#lib/api-client/create-api-client.ts';
import { useAuditActions } from './use-audit-actions.ts';

/** Who did what to what, when, from where and with what result; the change itself one click away. Nothing here can be edited. */
export function AuditTable(props: {
  entries: AuditEntryDto[];
  onFilter: (filter: { actor?: string; action?: string; target?: string }) => void;
}) {
  const t = useTranslations('audit');
  const kinds = useTranslations('audit.kinds');
  const actions = useAuditActions();
  return (
    <RecordTable
      caption={t('title')}
      items={props.entries}
      keyOf={({ id }) => id}
      columns={[
        { head: t('at'), from: 'md', cell: ({ at }) => <Moment at={at} /> },
        {
          head: t('actor'),
          className: 'wrap-anywhere md:min-w-40',
          cell: ({ actor }) => (
            <>
              <FilterButton text={actor.name} onClick={() => props.onFilter({ actor: actor.name })} />
              <p className="text-muted text-sm">{kinds(actor.kind)}</p>
            </>
          ),
        },
        {
          head: t('action'),
          className: 'wrap-anywhere lg:min-w-44',
          cell: (entry) => (
            <>
              <FilterButton
                text={actions.get(entry.action) ?? entry.action}
                onClick={() => props.onFilter({ action: entry.action })}
              />
              <div className="grid gap-1 md:hidden">
                <Target entry={entry} onFilter={props.onFilter} />
                <Result entry={entry} />
              </div>
              {entry.before === null && entry.after === null ? null : (
                <Disclosure summary={<span className="text-sm">{t('details')}</span>}>
                  <dl className="grid gap-2">
                    <Side title={t('before')} value={entry.before} />
                    <Side title={t('after')} value={entry.after} />
                  </dl>
                </Disclosure>
              )}
            </>
          ),
        },
        {
          head: t('target'),
          from: 'md',
          className: 'wrap-anywhere',
          cell: (entry) => <Target entry={entry} onFilter={props.onFilter} />,
          fact: () => null,
        },
        { head: t('result'), from: 'md', cell: (entry) => <Result entry={entry} />, fact: () => null },
        {
          head: t('address'),
          from: 'lg',
          className: 'font-mono text-sm',
          cell: ({ address }) => address ?? '–',
        },
      ]}
    />
  );
}

/** What a change was about: the name it had then, where there is one, and what the audit is filtered by. */
function Target({ entry, onFilter }: { entry: AuditEntryDto; onFilter: (filter: { target: string }) => void }) {
  const name = nameIn(entry.after) ?? nameIn(entry.before);
  const isNamed = name !== null && !entry.target.includes(name);
  return (
    <div>
      {isNamed ? <p>{name}</p> : null}
      <FilterButton isQuiet={isNamed} text={entry.target} onClick={() => onFilter({ target: entry.target })} />
    </div>
  );
}

/** Members of a change that people know the thing by, the best first. */
const NAMES = ['name', 'file', 'fileName', 'description', 'url'] as const;

function nameIn(side: unknown): string | null {
  if (typeof side !== 'object' || side === null) return null;
  const members = side as Record<string, unknown>;
  const name = NAMES.map((member) => members[member]).find((value) => typeof value === 'string' && value !== '');
  return typeof name === 'string' ? chosenFile(name).name : null;
}

function Result({ entry }: { entry: AuditEntryDto }) {
  const t = useTranslations('audit.results');
  const isDone = entry.result === 'done';
  return (
    <div>
      <Badge tone={isDone ? 'neutral' : 'warn'} icon={isDone ? 'check' : 'stop'}>
        {t(entry.result)}
      </Badge>
      {entry.code === null ? null : <p className="mt-1 font-mono text-muted text-sm">{entry.code}</p>}
    </div>
  );
}

function FilterButton({ text, isQuiet, onClick }: { text: string; isQuiet?: boolean; onClick: () => void }) {
  const t = useTranslations('audit');
  return (
    <button
      type="button"
      title={t('only', { text })}
      onClick={onClick}
      className={classNames('wrap-anywhere min-h-6 text-left hover:underline', isQuiet && 'text-muted text-sm')}
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
