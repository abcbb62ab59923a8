'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { AUDIT_FIELDS, AuditFilterForm, type AuditFilterValues } from '#components/access/audit-filter-form.tsx';
import { AuditTable } from '#components/access/audit-table.tsx';
import { changeAddress } from '#components/change-address.ts';
import { Button, buttonClass } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Icon } from '#components/ui/icon.tsx';
import { TableSkeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import type { AuditFilters } from '#lib/api-client/create-api-client.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

const PAGE_ROWS = 50;
const NOTHING = Object.fromEntries(AUDIT_FIELDS.map((name) => [name, ''])) as AuditFilterValues;

/** A day as the browser's zone has it, as a moment; the day after for the end of a period. */
function momentOf(day: string, addDays: number): string | undefined {
  const moment = new Date(`${day}T00:00`);
  if (Number.isNaN(moment.getTime())) return undefined;
  moment.setDate(moment.getDate() + addDays);
  return moment.toISOString();
}

/** The audit, filtered by the address. */
export function AuditView() {
  const t = useTranslations('audit');
  const format = useFormats();
  const client = useApiClient();
  const search = useSearchParams();
  const values = Object.fromEntries(AUDIT_FIELDS.map((name) => [name, search.get(name) ?? ''])) as AuditFilterValues;
  const filters: AuditFilters = {
    actor: values.actor || undefined,
    action: values.action || undefined,
    target: values.target || undefined,
    result: values.result === 'done' || values.result === 'refused' ? values.result : undefined,
    from: momentOf(values.from, 0),
    to: momentOf(values.to, 1),
  };
  const entries = useInfiniteQuery({
    queryKey: queryKeys.audit(filters),
    queryFn: ({ pageParam, signal }) =>
      client.listAudit({ ...filters, limit: PAGE_ROWS, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
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
          action={<Button onClick={() => filterBy(NOTHING)}>{t('clear')}</Button>}
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
