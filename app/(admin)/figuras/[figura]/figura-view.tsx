'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { ColumnTable } from '#components/figuras/column-table.tsx';
import { JobStatusBadge } from '#components/jobs/job-status.tsx';
import { ButtonLink } from '#components/ui/button.tsx';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

/** One figura: what a file for it must carry, its limits and its last job. */
export function FiguraView({ name, canImport }: { name: string; canImport: boolean }) {
  const t = useTranslations('figuras');
  const format = useFormats();
  const client = useApiClient();
  const figura = useQuery({
    queryKey: queryKeys.figura(name),
    queryFn: ({ signal }) => client.getFigura(name, { signal }),
  });
  if (figura.isPending) return <Skeleton className="h-72 w-full" />;
  if (figura.isError) {
    return (
      <>
        <PageHeading title={name} />
        <ErrorState error={figura.error} onRetry={() => void figura.refetch()} />
      </>
    );
  }
  const { title, table, key, columns, limits, lastJob, opColumn, onError } = figura.data;
  const facts: [string, string][] = [
    [t('facts.table'), table],
    [t('facts.key'), key.join(', ') || '–'],
    [t('facts.opColumn'), opColumn],
    [t('facts.limit'), format.bytes(limits.maxFileBytes)],
    [t('facts.onError'), t(`facts.onErrors.${onError}`)],
  ];
  return (
    <>
      <PageHeading
        title={title}
        lead={title === name ? undefined : <span className="font-mono">{name}</span>}
        action={
          canImport ? (
            <ButtonLink look="primary" icon="upload" href={`/importar?figura=${name}`}>
              {t('import')}
            </ButtonLink>
          ) : null
        }
      />
      <div className="grid gap-5">
        <Card>
          <dl className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
            {facts.map(([label, value]) => (
              <div key={label} className="min-w-0">
                <dt className="text-muted text-sm">{label}</dt>
                <dd className="break-words">{value}</dd>
              </div>
            ))}
            <div>
              <dt className="text-muted text-sm">{t('columns.lastJob')}</dt>
              <dd>
                {lastJob ? (
                  <Link
                    href={`/cargas/${name}/${lastJob.id}`}
                    className="flex flex-wrap items-center gap-2 hover:underline"
                  >
                    <JobStatusBadge job={lastJob} />
                    <Moment at={lastJob.createdAt} />
                  </Link>
                ) : (
                  t('noJob')
                )}
              </dd>
            </div>
          </dl>
        </Card>
        <section className="grid gap-3">
          <h2 className="font-semibold text-lg">{t('columnsTitle')}</h2>
          <ColumnTable columns={columns} />
        </section>
      </div>
    </>
  );
}
