'use client';

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { AuditFilterForm } from '#components/access/audit-filter-form.tsx';
import { AuditTable } from '#components/access/audit-table.tsx';
import { Button } from '#components/ui/button.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

const PAGE_ROWS = 50;
const FIELDS = ['actor', 'action', 'target'] as const;

/** The audit, filtered by the address. */
export function AuditView() {
  const t = useTranslations('audit');
  const format = useFormats();
  const client = useApiClient();
  const search = useSearchParams();
  const values = {
    actor: search.get('actor') ?? '',
    action: search.get('action') ?? '',
    target: search.get('target') ?? '',
  };
  const filters = Object.fromEntries(FIELDS.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
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
      <AuditFilterForm key={search.toString()} values={values} onFilter={filterBy} />
      {entries.isPending ? (
        <Skeleton className="h-72 w-full" />
      ) : entries.isError ? (
        <ErrorState error={entries.error} onRetry={() => void entries.refetch()} />
      ) : all.length === 0 ? (
        <EmptyState
          icon="search"
          title={t('empty')}
          action={<Button onClick={() => filterBy({ actor: '', action: '', target: '' })}>{t('clear')}</Button>}
        />
      ) : (
        <div className="grid gap-3">
          <AuditTable entries={all} onFilter={filterBy} />
          <p className="text-muted text-sm">{t('zone', { zone: format.zone() })}</p>
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
  const address = new URL(window.location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  window.history.pushState(null, '', address);
}
