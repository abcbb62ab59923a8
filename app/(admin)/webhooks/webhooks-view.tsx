'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { MakingList } from '#components/ui/making-list.tsx';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import { WebhookForm } from '#components/webhooks/webhook-form.tsx';
import { WebhookSecret } from '#components/webhooks/webhook-secret.tsx';
import { WebhookTable } from '#components/webhooks/webhook-table.tsx';
import { webhooksQuery } from '#lib/api-client/page-queries.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import type { CreateWebhookDto } from '#lib/api-client/webhook-calls.ts';

/** Webhooks: which there are, and a new one with its secret shown once. */
export function WebhooksView() {
  const t = useTranslations('webhooks');
  const client = useApiClient();
  const queryClient = useQueryClient();
  const figuras = useAllFiguras();
  const [isAdding, setIsAdding] = useState(false);
  const webhooks = useQuery(webhooksQuery(client));
  const creation = useMutation({
    mutationFn: (webhook: CreateWebhookDto) => client.createWebhook(webhook),
    onSuccess: () => {
      setIsAdding(false);
      void queryClient.invalidateQueries({ queryKey: queryKeys.webhooks });
    },
  });
  const toggle = () => {
    creation.reset();
    setIsAdding(!isAdding);
  };
  return (
    <MakingList
      title={t('title')}
      lead={t('lead')}
      add={t('add')}
      empty={{ icon: 'info', title: t('empty'), lead: t('emptyLead') }}
      list={webhooks}
      isAdding={isAdding}
      onToggle={toggle}
      fault={creation.error}
      made={creation.data ? <WebhookSecret secret={creation.data.secret} url={creation.data.url} /> : null}
      form={
        <WebhookForm
          webhook={null}
          figuras={figuras.data?.map(({ name }) => name) ?? []}
          isBusy={creation.isPending}
          onCancel={toggle}
          onSubmit={creation.mutate}
        />
      }
    >
      {(items) => <WebhookTable webhooks={items} />}
    </MakingList>
  );
}
