'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Cell, HeadCell, NarrowFacts, Row, Table } from '#components/ui/table.tsx';
import type { FiguraDto } from '#lib/api/schemas.ts';

/** What a file for this figura may and must carry. */
export function ColumnTable({ columns }: { columns: FiguraDto['columns'] }) {
  const t = useTranslations('figuras.column');
  return (
    <Table caption={t('caption')}>
      <thead>
        <tr>
          <HeadCell>{t('name')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('type')}</HeadCell>
          <HeadCell>{t('demand')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('default')}</HeadCell>
          <HeadCell className="hidden lg:table-cell">Parquet</HeadCell>
          <HeadCell className="hidden lg:table-cell">Avro</HeadCell>
          <HeadCell className="hidden md:table-cell">{t('description')}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {columns.map((column) => (
          <Row key={column.name}>
            <Cell className="text-sm">
              <span className="wrap-anywhere font-mono">{column.name}</span>
              <NarrowFacts
                facts={[
                  ['sm', t('type'), <code key="type">{column.type}</code>],
                  ...(column.default === null
                    ? []
                    : [['sm', t('default'), <code key="default">{column.default}</code>] as const]),
                  ['lg', 'Parquet', <code key="parquet">{column.parquet}</code>],
                  ['lg', 'Avro', <code key="avro">{column.avro}</code>],
                  ...(column.description === null ? [] : [['md', t('description'), column.description] as const]),
                ]}
              />
            </Cell>
            <Cell className="hidden font-mono text-sm sm:table-cell">{column.type}</Cell>
            <Cell>
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
            </Cell>
            <Cell className="hidden break-all font-mono text-sm sm:table-cell">{column.default ?? '–'}</Cell>
            <Cell className="hidden font-mono text-sm lg:table-cell">{column.parquet}</Cell>
            <Cell className="hidden font-mono text-sm lg:table-cell">{column.avro}</Cell>
            <Cell className="hidden text-muted md:table-cell">{column.description ?? '–'}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
