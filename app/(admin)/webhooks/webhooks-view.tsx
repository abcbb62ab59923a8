'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import { WebhookForm } from '#components/webhooks/webhook-form.tsx';
import { WebhookSecret } from '#components/webhooks/webhook-secret.tsx';
import { WebhookTable } from '#components/webhooks/webhook-table.tsx';
import { listAll } from '#lib/api-client/create-api-client.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import type { CreateWebhookDto } from '#lib/api-client/webhook-calls.ts';

/** Webhooks: which there are, and a new one with its secret shown once. */
export function WebhooksView() {
  const t = useTranslations('webhooks');
  const client = useApiClient();
  const queryClient = useQueryClient();
  const figuras = useAllFiguras();
  const [isAdding, setIsAdding] = useState(false);
  const webhooks = useQuery({
    queryKey: queryKeys.webhooks,
    queryFn: ({ signal }) =>
      Array.fromAsync(listAll((page) => client.listWebhooks({ limit: 1000, ...page }, { signal }))),
  });
  const creation = useMutation({
    mutationFn: (webhook: CreateWebhookDto) => client.createWebhook(webhook),
    onSuccess: () => {
      setIsAdding(false);
      void queryClient.invalidateQueries({ queryKey: queryKeys.webhooks });
    },
  });
  const add = (
    <Button
      look="primary"
      icon="plus"
      aria-expanded={isAdding}
      onClick={() => {
        creation.reset();
        setIsAdding(!isAdding);
      }}
    >
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeading title={t('title')} lead={t('lead')} action={webhooks.data?.length ? add : null} />
      <div className="grid gap-5">
        {creation.data ? <WebhookSecret secret={creation.data.secret} url={creation.data.url} /> : null}
        {isAdding ? (
          <Card title={t('add')}>
            {creation.error ? (
              <div className="mb-4">
                <ErrorState error={creation.error} />
              </div>
            ) : null}
            <WebhookForm
              webhook={null}
              figuras={figuras.data?.map(({ name }) => name) ?? []}
              isBusy={creation.isPending}
              onSubmit={creation.mutate}
            />
          </Card>
        ) : null}
        {webhooks.isPending ? (
          <Skeleton className="h-48 w-full" />
        ) : webhooks.isError ? (
          <ErrorState error={webhooks.error} onRetry={() => void webhooks.refetch()} />
        ) : webhooks.data.length === 0 ? (
          <EmptyState icon="info" title={t('empty')} lead={t('emptyLead')} action={isAdding ? null : add} />
        ) : (
          <WebhookTable webhooks={webhooks.data} />
        )}
      </div>
    </>
  );
}
