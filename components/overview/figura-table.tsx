'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { OverviewDto } from '#lib/api/insight-schemas.ts';

/** The figuras whose loads take longest, each with a bar of its average. */
export function FiguraTable({ figuras }: { figuras: OverviewDto['figuras'] }) {
  const t = useTranslations('overview');
  const format = useFormats();
  const slowest = Math.max(1, ...figuras.map(({ averageMs }) => averageMs));
  return (
    <Card title={t('slowest')}>
      <RecordTable
        caption={t('slowest')}
        items={figuras}
        keyOf={({ figura }) => figura}
        columns={[
          {
            head: t('figura'),
            className: 'wrap-anywhere',
            cell: ({ figura, averageMs }) => (
              <>
                <Link href={`/cargas?figura=${figura}&sort=duration`} className="text-accent underline">
                  {figura}
                </Link>
                <span
                  aria-hidden="true"
                  className="mt-1 block h-1.5 rounded-full bg-accent"
                  style={{ width: `${Math.max(1, (averageMs / slowest) * 100)}%` }}
                />
              </>
            ),
          },
          { head: t('jobs'), isNumber: true, cell: ({ jobs }) => format.number(jobs) },
          {
            head: t('average'),
            isNumber: true,
            className: 'whitespace-nowrap',
            cell: ({ averageMs }) => format.duration(averageMs),
          },
          {
            head: t('longest'),
            isNumber: true,
            from: 'sm',
            className: 'whitespace-nowrap',
            cell: ({ longestMs }) => format.duration(longestMs),
          },
        ]}
      />
    </Card>
  );
}
