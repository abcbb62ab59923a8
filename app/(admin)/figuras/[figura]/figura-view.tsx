'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { changeAddress } from '#components/change-address.ts';
import { ColumnTable } from '#components/figuras/column-table.tsx';
import { FiguraAccess } from '#components/figuras/figura-access.tsx';
import { FiguraSettings } from '#components/figuras/figura-settings.tsx';
import { RemoveFigura } from '#components/figuras/remove-figura.tsx';
import { RowCount } from '#components/figuras/row-count.tsx';
import { JobDownloads } from '#components/jobs/job-downloads.tsx';
import { JobStatusBadge } from '#components/jobs/job-status.tsx';
import { Button, ButtonLink } from '#components/ui/button.tsx';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { TextField } from '#components/ui/field.tsx';
import { focusFirst } from '#components/ui/focus-first.ts';
import { Moment } from '#components/ui/moment.tsx';
import { PageSkeleton } from '#components/ui/skeleton.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useFaultText } from '#components/ui/use-fault-text.ts';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import type { ChangeFiguraDto, FiguraDto } from '#lib/api/schemas.ts';
import type { TemplateFormat } from '#lib/api-client/create-api-client.ts';
import { figuraQuery } from '#lib/api-client/page-queries.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import { foldName } from '#lib/figura/map-columns.ts';

/** One figura: what a file for it must carry, its limits and its last job. */
export function FiguraView({ name, canImport, isAdmin }: { name: string; canImport: boolean; isAdmin: boolean }) {
  const t = useTranslations('figuras');
  const format = useFormats();
  const { csvDelimiter } = format;
  const client = useApiClient();
  // In the address, as filters are; the columns are all here, so that typing asks nobody.
  const search = useSearchParams().get('q') ?? '';
  const figura = useQuery(figuraQuery(client, name));
  if (figura.isPending) return <PageSkeleton cards={['h-56', 'h-40', 'h-96']} />;
  if (figura.isError) {
    return (
      <>
        <PageHeading title={name} />
        <ErrorState
          error={figura.error}
          onRetry={() => void figura.refetch()}
          back={{ href: '/figuras', label: t('toList') }}
        />
      </>
    );
  }
  const { title, table, key, columns, limits, lastJob, opColumn, onError, unknownColumns } = figura.data;
  const { mapping, requiredColumns } = figura.data;
  const aliases = Object.entries(mapping).map(([source, target]) => `${source} → ${target}`);
  const facts: [string, string][] = [
    [t('facts.table'), table],
    [t('facts.key'), key.join(', ') || '–'],
    [t('facts.opColumn'), opColumn],
    [t('facts.limit'), format.bytes(limits.maxFileBytes)],
    [t('facts.onError'), t(`facts.onErrors.${onError}`)],
    [t('settings.unknownColumns'), t(`settings.${unknownColumns}`)],
    ...(requiredColumns.length > 0
      ? [[t('settings.requiredColumns'), requiredColumns.join(', ')] satisfies [string, string]]
      : []),
    ...(aliases.length > 0 ? [[t('settings.mapping'), aliases.join(', ')] satisfies [string, string]] : []),
  ];
  const templates = (formats: readonly TemplateFormat[], hasExample: boolean) =>
    formats.map((format) => ({
      label: format === 'parquet' ? 'Parquet' : format.toUpperCase(),
      href: client.templateUrl(name, format, hasExample, csvDelimiter),
    }));
  const wanted = foldName(search);
  const found = columns.filter((column) => foldName(`${column.name} ${column.description ?? ''}`).includes(wanted));
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
              <dt className="text-muted text-sm">{t('rowCount.title')}</dt>
              <dd>
                <RowCount figura={name} />
              </dd>
            </div>
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
        <Card>
          <div className="flex flex-wrap items-start justify-between gap-4">
            <div className="grid gap-4 sm:grid-cols-2 sm:gap-x-10">
              <JobDownloads
                title={t('template')}
                hint={t('templateHint')}
                links={templates(['xlsx', 'csv', 'parquet'], false)}
              />
              <JobDownloads
                title={t('sample')}
                hint={t('sampleHint')}
                links={templates(['xlsx', 'csv', 'json', 'parquet'], true)}
              />
            </div>
            <ButtonLink icon="file" href={`/figuras/${name}/documentacao`}>
              {t('documentation.link')}
            </ButtonLink>
          </div>
        </Card>
        <section className="grid gap-3">
          <h2 className="font-semibold text-lg">{t('columnsTitle')}</h2>
          <TextField
            type="search"
            label={t('searchColumns')}
            className="max-w-md"
            defaultValue={search}
            onChange={(event) => changeAddress({ q: event.target.value }, 'replace')}
          />
          {found.length === 0 ? <p className="text-muted">{t('noColumns')}</p> : <ColumnTable columns={found} />}
        </section>
        {isAdmin ? (
          <Card title={t('access.title')}>
            <FiguraAccess figura={name} />
          </Card>
        ) : null}
        {isAdmin ? <Administration figura={figura.data} /> : null}
      </div>
    </>
  );
}

function Administration({ figura }: { figura: FiguraDto }) {
  const t = useTranslations('figuras');
  const client = useApiClient();
  const queryClient = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  const faultText = useFaultText();
  const [isChanging, setIsChanging] = useState(false);
  const change = useMutation({
    mutationFn: (body: ChangeFiguraDto) => client.changeFigura(figura.name, body),
    onSuccess: async () => {
      setIsChanging(false);
      notify(t('settings.done'), 'good');
      await queryClient.invalidateQueries({ queryKey: queryKeys.figuras });
    },
  });
  const removal = useMutation({
    mutationFn: () => client.deleteFigura(figura.name),
    onSuccess: () => {
      notify(t('remove.done', { name: figura.name }), 'good');
      router.push('/figuras');
      queryClient.removeQueries({ queryKey: queryKeys.figuras });
    },
    onError: (error) => notify(faultText(error).text, 'bad'),
  });
  return (
    <Card title={t('settings.heading')}>
      {change.error ? (
        <div className="mb-4">
          <ErrorState error={change.error} />
        </div>
      ) : null}
      {isChanging ? (
        <div ref={focusFirst}>
          <FiguraSettings
            figura={figura}
            isBusy={change.isPending}
            onCancel={() => setIsChanging(false)}
            onSubmit={change.mutate}
          />
        </div>
      ) : (
        <>
          <p className="mb-4 text-muted">{t('settings.lead')}</p>
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setIsChanging(true)}>{t('settings.button')}</Button>
            <RemoveFigura name={figura.name} onRemove={removal.mutate} />
          </div>
        </>
      )}
    </Card>
  );
}
