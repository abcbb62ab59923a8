'use client';

import { useTranslations } from 'next-intl';
import { Icon } from '#components/ui/icon.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { CheckReport, FaultGroup } from './check-rows.ts';
import { useFaultCause } from './use-fault-cause.ts';

/** What is wrong with the rows of a file, by cause: how many, in which column, with an example. */
export function FileFaults(props: { report: CheckReport | null; isRechecking: boolean; onError: 'skip' | 'abort' }) {
  const t = useTranslations('upload.faults');
  const { report, isRechecking } = props;
  if (isRechecking || report === null) {
    return (
      <p role="status" className="mt-3 flex items-center gap-2 text-muted text-sm">
        <Icon name="turn" />
        {t('checking')}
      </p>
    );
  }
  const { rowCount, faultyCount, repeatedCount, groups } = report;
  return (
    <div className="mt-3 grid gap-2">
      {faultyCount === 0 ? (
        <p role="status" className="flex items-center gap-2 text-sm">
          <Icon name="check" className="text-good" />
          {t('none', { count: rowCount })}
        </p>
      ) : (
        <Notice tone="warn" icon="alert">
          <p role="status">
            {t('some', { count: faultyCount })}{' '}
            {props.onError === 'abort' ? t('stops') : t('rest', { count: rowCount - faultyCount - repeatedCount })}
          </p>
        </Notice>
      )}
      {repeatedCount > 0 ? <p className="text-sm">{t('repeated', { count: repeatedCount })}</p> : null}
      {groups.length > 0 ? <GroupTable groups={groups} /> : null}
      <p className="text-muted text-sm">
        {groups.length > 0 ? `${t('numbering')} ` : null}
        {report.areKeysCompared ? null : `${t('keysCut')} `}
        {t('lastWord')}
      </p>
    </div>
  );
}

function GroupTable({ groups }: { groups: FaultGroup[] }) {
  const t = useTranslations('upload.faults');
  const format = useFormats();
  const causeOf = useFaultCause();
  return (
    <RecordTable
      caption={t('title')}
      items={groups}
      keyOf={({ code, column }) => `${code} ${column}`}
      columns={[
        { head: t('cause'), cell: causeOf },
        {
          head: t('column'),
          className: 'wrap-anywhere min-w-20 font-mono text-sm',
          cell: ({ column, target }) => `${column ?? '–'}${target !== null && target !== column ? ` → ${target}` : ''}`,
        },
        { head: t('rows'), isNumber: true, cell: ({ rowCount }) => format.number(rowCount) },
        {
          head: t('example'),
          from: 'sm',
          className: 'text-sm',
          cell: ({ row, value }) => (
            <>
              {t('row', { row })}
              {value === null ? null : <span className="wrap-anywhere block font-mono">{value}</span>}
            </>
          ),
        },
      ]}
    />
  );
}
