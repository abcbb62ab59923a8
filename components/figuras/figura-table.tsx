'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { JobStatusBadge } from '#components/jobs/job-status.tsx';
import { ButtonLink } from '#components/ui/button.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { type Column, RecordTable } from '#components/ui/record-table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { FiguraDto } from '#lib/api/schemas.ts';

/** The figuras, each with its table, key and last job. */
export function FiguraTable({ figuras, canImport }: { figuras: FiguraDto[]; canImport: boolean }) {
  const t = useTranslations('figuras');
  const format = useFormats();
  const importColumn: Column<FiguraDto> = {
    head: t('columns.action'),
    isAction: true,
    cell: ({ name, title }) => (
      <ButtonLink isSmall href={`/importar?figura=${name}`}>
        {t('import')}
        <span className="sr-only">: {title}</span>
      </ButtonLink>
    ),
  };
  const toLastJob = ({ name, lastJob }: FiguraDto) => `/cargas/${name}/${lastJob?.id}`;
  return (
    <RecordTable
      caption={t('title')}
      items={figuras}
      keyOf={({ name }) => name}
      columns={[
        {
          head: t('columns.figura'),
          className: 'min-w-0',
          cell: ({ name, title }) => (
            <>
              <Link href={`/figuras/${name}`} className="break-words font-medium text-accent hover:underline">
                {title}
              </Link>
              {title === name ? null : <p className="break-all font-mono text-muted text-sm">{name}</p>}
            </>
          ),
        },
        {
          head: t('columns.table'),
          from: 'sm',
          className: 'break-all font-mono text-sm',
          cell: ({ table }) => table,
          fact: ({ table }) => <code>{table}</code>,
        },
        {
          head: t('columns.columnCount'),
          from: 'md',
          isNumber: true,
          cell: ({ columns }) => format.number(columns.length),
        },
        {
          head: t('columns.lastJob'),
          from: 'md',
          cell: (figura) =>
            figura.lastJob ? (
              <Link href={toLastJob(figura)} className="grid gap-1 hover:underline">
                <span>
                  <JobStatusBadge job={figura.lastJob} />
                </span>
                <span className="text-muted text-sm">
                  <Moment at={figura.lastJob.createdAt} />
                </span>
              </Link>
            ) : (
              <span className="text-muted">{t('noJob')}</span>
            ),
          fact: (figura) =>
            figura.lastJob ? (
              <Link href={toLastJob(figura)} className="inline-flex flex-wrap items-center gap-1 text-accent underline">
                <JobStatusBadge job={figura.lastJob} />
                <Moment at={figura.lastJob.createdAt} />
              </Link>
            ) : (
              t('noJob')
            ),
        },
        ...(canImport ? [importColumn] : []),
      ]}
    />
  );
}
