'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { JobStatusBadge } from '#components/jobs/job-status.tsx';
import { ButtonLink } from '#components/ui/button.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { Cell, HeadCell, NarrowFacts, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { FiguraDto } from '#lib/api/schemas.ts';

/** The figuras, each with its table, key and last job. */
export function FiguraTable({ figuras, canImport }: { figuras: FiguraDto[]; canImport: boolean }) {
  const t = useTranslations('figuras');
  const format = useFormats();
  return (
    <Table caption={t('title')}>
      <thead>
        <tr>
          <HeadCell>{t('columns.figura')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('columns.table')}</HeadCell>
          <HeadCell isNumber className="hidden md:table-cell">
            {t('columns.columnCount')}
          </HeadCell>
          <HeadCell className="hidden md:table-cell">{t('columns.lastJob')}</HeadCell>
          {canImport ? (
            <HeadCell>
              <span className="sr-only">{t('columns.action')}</span>
            </HeadCell>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {figuras.map((figura) => (
          <Row key={figura.name}>
            <Cell className="min-w-0">
              <Link href={`/figuras/${figura.name}`} className="break-words font-medium text-accent hover:underline">
                {figura.title}
              </Link>
              {figura.title === figura.name ? null : (
                <p className="break-all font-mono text-muted text-sm">{figura.name}</p>
              )}
              <NarrowFacts
                facts={[
                  ['sm', t('columns.table'), <code key="table">{figura.table}</code>],
                  ['md', t('columns.columnCount'), format.number(figura.columns.length)],
                  [
                    'md',
                    t('columns.lastJob'),
                    figura.lastJob ? (
                      <Link
                        href={`/cargas/${figura.name}/${figura.lastJob.id}`}
                        className="text-accent underline"
                        key="job"
                      >
                        <Moment at={figura.lastJob.createdAt} />
                      </Link>
                    ) : (
                      t('noJob')
                    ),
                  ],
                ]}
              />
            </Cell>
            <Cell className="hidden break-all font-mono text-sm sm:table-cell">{figura.table}</Cell>
            <Cell isNumber className="hidden md:table-cell">
              {format.number(figura.columns.length)}
            </Cell>
            <Cell className="hidden md:table-cell">
              {figura.lastJob ? (
                <Link href={`/cargas/${figura.name}/${figura.lastJob.id}`} className="grid gap-1 hover:underline">
                  <span>
                    <JobStatusBadge job={figura.lastJob} />
                  </span>
                  <span className="text-muted text-sm">
                    <Moment at={figura.lastJob.createdAt} />
                  </span>
                </Link>
              ) : (
                <span className="text-muted">{t('noJob')}</span>
              )}
            </Cell>
            {canImport ? (
              <Cell className="text-right">
                <ButtonLink isSmall href={`/importar?figura=${figura.name}`}>
                  {t('import')}
                  <span className="sr-only">: {figura.title}</span>
                </ButtonLink>
              </Cell>
            ) : null}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
