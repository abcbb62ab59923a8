'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { OverviewDto } from '#lib/api/insight-schemas.ts';

/** The figuras whose loads take longest, each with a bar of its average. */
export function FiguraTable({ figuras }: { figuras: OverviewDto['figuras'] }) {
  const t = useTranslations('overview');
  const format = useFormats();
  const slowest = Math.max(1, ...figuras.map(({ averageMs }) => averageMs));
  return (
    <Card title={t('slowest')}>
      <Table caption={t('slowest')}>
        <thead>
          <tr>
            <HeadCell>{t('figura')}</HeadCell>
            <HeadCell isNumber>{t('jobs')}</HeadCell>
            <HeadCell isNumber>{t('average')}</HeadCell>
            <HeadCell isNumber className="hidden sm:table-cell">
              {t('longest')}
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {figuras.map((figura) => (
            <Row key={figura.figura}>
              <Cell className="wrap-anywhere">
                <Link href={`/cargas?figura=${figura.figura}&sort=duration`} className="text-accent underline">
                  {figura.figura}
                </Link>
                <span
                  aria-hidden="true"
                  className="mt-1 block h-1.5 rounded-full bg-accent"
                  style={{ width: `${Math.max(1, (figura.averageMs / slowest) * 100)}%` }}
                />
              </Cell>
              <Cell isNumber>{format.number(figura.jobs)}</Cell>
              <Cell isNumber className="whitespace-nowrap">
                {format.duration(figura.averageMs)}
              </Cell>
              <Cell isNumber className="hidden whitespace-nowrap sm:table-cell">
                {format.duration(figura.longestMs)}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
