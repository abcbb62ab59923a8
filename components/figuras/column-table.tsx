'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import type { FiguraDto } from '#lib/api/schemas.ts';

type FiguraColumn = FiguraDto['columns'][number];

/** What a file for this figura may and must carry. */
export function ColumnTable({ columns }: { columns: FiguraDto['columns'] }) {
  const t = useTranslations('figuras.column');
  const code = (from: 'sm' | 'lg', head: string, read: (column: FiguraColumn) => string | null, className = '') => ({
    head,
    from,
    className: `font-mono text-sm ${className}`,
    cell: (column: FiguraColumn) => read(column) ?? '–',
    fact: (column: FiguraColumn) => read(column) && <code>{read(column)}</code>,
  });
  return (
    <RecordTable
      caption={t('caption')}
      items={columns}
      keyOf={({ name }) => name}
      columns={[
        {
          head: t('name'),
          className: 'text-sm',
          cell: ({ name }) => <span className="wrap-anywhere font-mono">{name}</span>,
        },
        code('sm', t('type'), ({ type }) => type),
        { head: t('demand'), cell: (column) => <Demand column={column} /> },
        code('sm', t('default'), (column) => column.default, 'break-all'),
        code('lg', 'Parquet', ({ parquet }) => parquet),
        code('lg', 'Avro', ({ avro }) => avro),
        {
          head: t('description'),
          from: 'md',
          className: 'text-muted',
          cell: ({ description }) => description ?? '–',
          fact: ({ description }) => description,
        },
      ]}
    />
  );
}

function Demand({ column }: { column: FiguraColumn }) {
  const t = useTranslations('figuras.column');
  return (
    <span className="flex flex-wrap gap-1">
      {column.key ? (
        <Badge tone="accent" icon="key">
          {t('key')}
        </Badge>
      ) : null}
      {column.required ? (
        <Badge tone="neutral" icon="check">
          {t('required')}
        </Badge>
      ) : null}
      {column.key || column.required ? null : <span className="text-muted">{t('optional')}</span>}
    </span>
  );
}
