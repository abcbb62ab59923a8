'use client';

import { useTranslations } from 'next-intl';
import { Button } from '#components/ui/button.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { RowDto } from '#lib/api/schemas.ts';

/** The rows that were refused or skipped, each fault with its column, value and reason. */
export function JobRows(props: {
  caption: string;
  rows: RowDto[];
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
}) {
  const t = useTranslations('job.faults');
  const format = useFormats();
  return (
    <div className="grid gap-3">
      <Table caption={props.caption}>
        <thead>
          <tr>
            <HeadCell isNumber>{t('row')}</HeadCell>
            <HeadCell>{t('column')}</HeadCell>
            <HeadCell className="hidden sm:table-cell">{t('value')}</HeadCell>
            <HeadCell>{t('reason')}</HeadCell>
          </tr>
        </thead>
        <tbody>
          {props.rows.flatMap((row) =>
            faultsOf(row).map((fault, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the faults of a row never change
              <Row key={`${row.row}-${index}`} className={index > 0 ? 'border-t-0' : undefined}>
                <Cell isNumber className="text-muted">
                  {format.number(row.row)}
                </Cell>
                <Cell className="wrap-anywhere font-mono text-sm sm:break-normal">
                  {fault.column ?? t('wholeRow')}
                  <p className="sm:hidden">
                    <FaultValue value={fault.value} />
                  </p>
                </Cell>
                <Cell className="hidden max-w-60 break-words font-mono text-sm sm:table-cell">
                  <FaultValue value={fault.value} />
                </Cell>
                <Cell className="wrap-anywhere sm:min-w-44 sm:break-words">{fault.message}</Cell>
              </Row>
            )),
          )}
        </tbody>
      </Table>
      {props.hasMore ? (
        <div>
          <Button isBusy={props.isLoading} onClick={props.onMore}>
            {t('more')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function FaultValue({ value }: { value: string | null }) {
  const t = useTranslations('job.faults');
  return value === null ? <span className="text-muted">{t('noValue')}</span> : value;
}

/** Rows skipped on purpose may carry no list of faults: then the row itself says why. */
function faultsOf(row: RowDto): { column: string | null; value: string | null; message: string }[] {
  if (row.faults.length > 0) return row.faults;
  const value = row.column === null ? null : row.data[row.column];
  const text = value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
  return [{ column: row.column, value: text, message: row.message }];
}
