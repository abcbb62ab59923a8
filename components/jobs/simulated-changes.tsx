'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import { jobChangesQuery } from '#lib/api-client/page-queries.ts';
import { ChangeTable } from './change-table.tsx';

/** What a simulation would change, in some of the rows. */
export function SimulatedChanges({ job }: { job: JobDto }) {
  const t = useTranslations('job.changes');
  const client = useApiClient();
  const changes = useQuery(jobChangesQuery(client, job));
  return (
    <Card title={t('title')}>
      {changes.isPending ? (
        <Skeleton className="h-32 w-full" />
      ) : changes.isError ? (
        <ErrorState error={changes.error} onRetry={() => void changes.refetch()} />
      ) : (
        <>
          <p className="mb-3 text-muted">{t('lead', { shown: changes.data.items.length, count: job.rows.updated })}</p>
          <ChangeTable changes={changes.data.items} />
        </>
      )}
    </Card>
  );
}
