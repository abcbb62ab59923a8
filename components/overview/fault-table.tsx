'use client';

import { useLocale, useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { OverviewDto } from '#lib/api/insight-schemas.ts';
import { fillMessage } from '#lib/i18n/fill-message.ts';

/** Why loads failed and rows were rejected, most frequent first. */
export function FaultTable({ faults }: { faults: OverviewDto['faults'] }) {
  const t = useTranslations('overview');
  const format = useFormats();
  return (
    <Card title={t('faults')}>
      {faults.length === 0 ? (
        <p className="text-muted">{t('noFaults')}</p>
      ) : (
        <RecordTable
          caption={t('faults')}
          items={faults}
          keyOf={({ kind, code }) => `${kind} ${code}`}
          columns={[
            { head: t('fault'), cell: (fault) => <FaultName fault={fault} /> },
            { head: t('inJobs'), isNumber: true, cell: ({ jobs }) => format.number(jobs) },
            { head: t('inRows'), isNumber: true, cell: ({ rows }) => (rows === null ? '–' : format.number(rows)) },
          ]}
        />
      )}
    </Card>
  );
}

function FaultName({ fault: { kind, code } }: { fault: OverviewDto['faults'][number] }) {
  const t = useTranslations();
  const locale = useLocale();
  const area = kind === 'row' ? 'faultCodes' : 'errors';
  const key = `${area}.${code}` as 'errors.internal';
  return (
    <>
      {t.has(key) ? t(key, fillMessage(locale, t.raw(key), {})) : code}
      <span className="block text-muted text-sm">
        {t(`overview.kinds.${kind}`)} · <code className="font-mono">{code}</code>
      </span>
    </>
  );
}
