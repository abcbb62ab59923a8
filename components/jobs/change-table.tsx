'use client';

import { useTranslations } from 'next-intl';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { ChangeDto } from '#lib/api/schemas.ts';

/** Rows that a simulation would change, each value before and after. */
export function ChangeTable({ changes }: { changes: ChangeDto[] }) {
  const t = useTranslations('job.changes');
  const format = useFormats();
  return (
    <Table caption={t('title')}>
      <thead>
        <tr>
          <HeadCell isNumber className="w-20">
            {t('row')}
          </HeadCell>
          <HeadCell>{t('key')}</HeadCell>
          <HeadCell>{t('column')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('old')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('new')}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {changes.flatMap((change) =>
          change.changes.map((value, index) => (
            <Row key={`${change.row} ${value.column}`} className={index > 0 ? 'border-t-0' : undefined}>
              <Cell isNumber className="text-muted">
                {format.number(change.row)}
              </Cell>
              <Cell className="wrap-anywhere font-mono text-sm">{Object.values(change.key).join(', ')}</Cell>
              <Cell className="wrap-anywhere font-mono text-sm">
                {value.column}
                <dl className="mt-0.5 sm:hidden">
                  {(['old', 'new'] as const).map((side) => (
                    <div key={side}>
                      <dt className="inline font-sans text-muted">{t(side)}: </dt>
                      <dd className="inline">
                        <Value text={value[side]} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </Cell>
              <Cell className="wrap-anywhere hidden max-w-60 font-mono text-sm sm:table-cell">
                <Value text={value.old} />
              </Cell>
              <Cell className="wrap-anywhere hidden max-w-60 font-mono text-sm sm:table-cell">
                <Value text={value.new} />
              </Cell>
            </Row>
          )),
        )}
      </tbody>
    </Table>
  );
}

function Value({ text }: { text: string | null }) {
  const t = useTranslations('job.faults');
  return text === null ? <span className="text-muted">{t('noValue')}</span> : text;
}
