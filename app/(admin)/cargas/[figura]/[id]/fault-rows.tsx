'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { JobRows } from '#components/jobs/job-rows.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card } from '#components/ui/card.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';

const PAGE_ROWS = 50;

/** How many rows have a reason of their own. Of a load that wrote nothing, the rows left over are skipped without one. */
export function explainedRows({ status, rows }: JobDto): { ER: number; SK: number } {
  return { ER: rows.rejected, SK: status === 'complete' ? rows.skipped : 0 };
}

/** Rejected and skipped rows, the choice between them in the address. */
export function FaultRows({ job }: { job: JobDto }) {
  const t = useTranslations('job.faults');
  const format = useFormats();
  const client = useApiClient();
  const asked = useSearchParams().get('rows');
  const counts = explainedRows(job);
  const status = (asked === 'SK' && counts.SK > 0) || counts.ER === 0 ? 'SK' : 'ER';
  const rows = useInfiniteQuery({
    queryKey: queryKeys.jobRows(job.id, { status }),
    queryFn: ({ pageParam, signal }) =>
      client.listRows(job.figura, job.id, { status, limit: PAGE_ROWS, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
  return (
    <Card
      title={t('title')}
      action={
        counts.ER > 0 && counts.SK > 0 ? (
          <fieldset className="flex gap-1">
            <legend className="sr-only">{t('which')}</legend>
            {(['ER', 'SK'] as const).map((choice) => (
              <Button
                key={choice}
                isSmall
                look={choice === status ? 'primary' : 'plain'}
                aria-pressed={choice === status}
                onClick={() => show(choice)}
              >
                {t(choice)} ({format.number(counts[choice])})
              </Button>
            ))}
          </fieldset>
        ) : null
      }
    >
      <p className="mb-3 text-muted">{t(status === 'SK' ? 'skippedLead' : job.dryRun ? 'dryLead' : 'rejectedLead')}</p>
      {rows.isPending ? (
        <Skeleton className="h-40 w-full" />
      ) : rows.isError ? (
        <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />
      ) : (
        <JobRows
          caption={t(status)}
          rows={rows.data.pages.flatMap((page) => page.items)}
          hasMore={rows.hasNextPage}
          isLoading={rows.isFetchingNextPage}
          onMore={() => void rows.fetchNextPage()}
        />
      )}
    </Card>
  );
}

function show(status: 'ER' | 'SK') {
  const address = new URL(window.location.href);
  address.searchParams.set('rows', status);
  window.history.replaceState(null, '', address);
}
