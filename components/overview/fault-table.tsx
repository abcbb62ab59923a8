'use client';

import { useLocale, useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
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
        <Table caption={t('faults')}>
          <thead>
            <tr>
              <HeadCell>{t('fault')}</HeadCell>
              <HeadCell isNumber>{t('inJobs')}</HeadCell>
              <HeadCell isNumber>{t('inRows')}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {faults.map((fault) => (
              <Row key={`${fault.kind} ${fault.code}`}>
                <Cell>
                  <FaultName fault={fault} />
                </Cell>
                <Cell isNumber>{format.number(fault.jobs)}</Cell>
                <Cell isNumber>{fault.rows === null ? '–' : format.number(fault.rows)}</Cell>
              </Row>
            ))}
          </tbody>
        </Table>
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
