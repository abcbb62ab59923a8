'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTimeZone, useTranslations } from 'next-intl';
import { AuditFilterForm } from '#components/access/audit-filter-form.tsx';
import { AuditTable } from '#components/access/audit-table.tsx';
import { changeAddress } from '#components/change-address.ts';
import { Button, buttonClass } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Icon } from '#components/ui/icon.tsx';
import { TableSkeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import { auditQuery } from '#lib/api-client/page-queries.ts';
import { NO_AUDIT_FILTERS, readAuditQuestion } from './audit-question.ts';

/** The audit, filtered by the address. */
export function AuditView() {
  const t = useTranslations('audit');
  const format = useFormats();
  const client = useApiClient();
  const search = useSearchParams();
  const { values, filters } = readAuditQuestion(search, useTimeZone() ?? 'UTC');
  const entries = useInfiniteQuery({
    ...auditQuery(client, filters),
    placeholderData: keepPreviousData,
  });
  const all = entries.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <AuditFilterForm values={values} onFilter={filterBy} />
      {entries.isPending ? (
        <TableSkeleton rows={10} />
      ) : entries.isError ? (
        <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />
      ) : all.length === 0 ? (
        <EmptyState
          icon="search"
          title={t('empty')}
          action={<Button onClick={() => filterBy(NO_AUDIT_FILTERS)}>{t('clear')}</Button>}
        />
      ) : (
        <div className="grid gap-3">
          <AuditTable entries={all} onFilter={filterBy} />
          <p className="flex flex-wrap items-center justify-between gap-2 text-muted text-sm">
            {t('zone', { zone: format.zone() })}
            <a href={client.auditUrl(filters)} download className={buttonClass('plain', true)}>
              <Icon name="download" />
              {t('export')}
            </a>
          </p>
          {entries.hasNextPage ? (
            <div>
              <Button isBusy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
                {t('more')}
              </Button>
            </div>
          ) : null}
        </div>
      )}
    </>
  );
}

function filterBy(values: Record<string, string>) {
  changeAddress(values, 'push');
}
