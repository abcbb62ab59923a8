'use client';

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Card, PageHeading } from '#components/ui/card.tsx';
import { ConfirmDialog } from '#components/ui/dialog.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { ErrorState } from '#components/ui/error-state.tsx';
import { Notice } from '#components/ui/notice.tsx';
import { PageSkeleton, TableSkeleton } from '#components/ui/skeleton.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useFaultText } from '#components/ui/use-fault-text.ts';
import { useAllFiguras } from '#components/use-all-figuras.ts';
import { useApiClient } from '#components/use-api-client.ts';
import { useFormats } from '#components/use-formats.ts';
import { DeliveryTable } from '#components/webhooks/delivery-table.tsx';
import { WebhookForm } from '#components/webhooks/webhook-form.tsx';
import { WebhookSecret } from '#components/webhooks/webhook-secret.tsx';
import { deliveriesQuery, webhookQuery } from '#lib/api-client/page-queries.ts';
import { queryKeys } from '#lib/api-client/query-keys.ts';
import type { ChangeWebhookDto } from '#lib/api-client/webhook-calls.ts';

/** While something waits: a test shows its end while one looks. */
const LIVE_MS = 1500;

/** One webhook: settings, secret, test, removal, and what was sent. */
export function WebhookView({ id }: { id: string }) {
  const t = useTranslations('webhooks');
  const client = useApiClient();
  const queryClient = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  const faultText = useFaultText();
  const figuras = useAllFiguras();
  const format = useFormats();
  const [asked, setAsked] = useState<'rotate' | 'remove' | null>(null);
  const webhook = useQuery(webhookQuery(client, id));
  const deliveries = useInfiniteQuery({
    ...deliveriesQuery(client, id),
    refetchInterval: ({ state }) =>
      state.data?.pages[0]?.items.some(({ status }) => status === 'pending') ? LIVE_MS : false,
  });
  const refresh = () => queryClient.invalidateQueries({ queryKey: queryKeys.webhooks });
  const onError = (error: unknown) => notify(faultText(error).text, 'bad');
  const change = useMutation({
    mutationFn: (settings: ChangeWebhookDto) => client.changeWebhook(id, settings),
    onSuccess: () => {
      notify(t('saved'), 'good');
      void refresh();
    },
  });
  const rotation = useMutation({ mutationFn: () => client.rotateWebhookSecret(id), onSuccess: refresh, onError });
  const trial = useMutation({ mutationFn: () => client.testWebhook(id), onSuccess: refresh, onError });
  const retry = useMutation({
    mutationFn: (deliveryId: string) => client.retryWebhookDelivery(id, deliveryId),
    onSuccess: refresh,
    onError,
  });
  const removal = useMutation({
    mutationFn: () => client.deleteWebhook(id),
    onSuccess: () => {
      notify(t('removed'), 'good');
      router.push('/webhooks');
      void queryClient.invalidateQueries({ queryKey: queryKeys.webhooks, exact: true });
    },
    onError,
  });
  if (webhook.isPending) return <PageSkeleton cards={['h-96', 'h-48', 'h-32']} />;
  if (webhook.isError) {
    return (
      <>
        <PageHeading title={t('one')} />
        <ErrorState
          error={webhook.error}
          onRetry={() => void webhook.refetch()}
          back={{ href: '/webhooks', label: t('toList') }}
        />
      </>
    );
  }
  const all = deliveries.data?.pages.flatMap((page) => page.items) ?? [];
  const { url, description, enabled, previousSecretUntil } = webhook.data;
  const test = (
    <Button icon="upload" isBusy={trial.isPending} onClick={() => trial.mutate()}>
      {t('test')}
    </Button>
  );
  return (
    <>
      <PageHeading
        title={<span className="wrap-anywhere">{description || url}</span>}
        lead={description ? <span className="wrap-anywhere">{url}</span> : null}
        action={test}
      />
      <div className="grid gap-5">
        {enabled ? null : (
          <Notice tone="warn" icon="stop">
            {t('offLead')}
          </Notice>
        )}
        {rotation.data ? <WebhookSecret secret={rotation.data.secret} url={url} /> : null}
        <Card title={t('settings')}>
          {change.error ? (
            <div className="mb-4">
              <ErrorState error={change.error} />
            </div>
          ) : null}
          <WebhookForm
            key={webhook.data.updatedAt}
            webhook={webhook.data}
            figuras={figuras.data?.map(({ name }) => name) ?? []}
            isBusy={change.isPending}
            onSubmit={change.mutate}
          />
        </Card>
        <section className="grid gap-3" aria-label={t('log')}>
          <h2 className="font-semibold">{t('log')}</h2>
          {deliveries.isPending ? (
            <TableSkeleton rows={3} />
          ) : deliveries.isError ? (
            <ErrorState error={deliveries.error} onRetry={() => void deliveries.refetch()} />
          ) : all.length === 0 ? (
            <EmptyState icon="clock" title={t('nothingSent')} lead={t('nothingSentLead')} action={test} />
          ) : (
            <>
              <DeliveryTable
                deliveries={all}
                busyId={retry.isPending ? retry.variables : null}
                onRetry={(deliveryId) => retry.mutate(deliveryId)}
              />
              <p className="text-muted text-sm">{t('zone', { zone: format.zone() })}</p>
              {deliveries.hasNextPage ? (
                <div>
                  <Button isBusy={deliveries.isFetchingNextPage} onClick={() => void deliveries.fetchNextPage()}>
                    {t('more')}
                  </Button>
                </div>
              ) : null}
            </>
          )}
        </section>
        <Card title={t('secretTitle')}>
          <p className="mb-3 max-w-prose text-muted">
            {t('secretLead')}
            {previousSecretUntil ? ` ${t('previousUntil', { moment: format.moment(previousSecretUntil) })}` : ''}
          </p>
          <div className="flex flex-wrap gap-2">
            <Button icon="key" isBusy={rotation.isPending} onClick={() => setAsked('rotate')}>
              {t('rotate')}
            </Button>
            <Button look="danger" isBusy={removal.isPending} onClick={() => setAsked('remove')}>
              {t('remove')}
            </Button>
          </div>
        </Card>
      </div>
      <ConfirmDialog
        isOpen={asked === 'rotate'}
        title={t('rotateTitle')}
        text={t('rotateEffect')}
        confirm={t('rotate')}
        keep={t('keep')}
        onClose={() => setAsked(null)}
        onConfirm={() => rotation.mutate()}
      />
      <ConfirmDialog
        isOpen={asked === 'remove'}
        title={t('removeTitle')}
        text={t('removeEffect')}
        confirm={t('remove')}
        keep={t('keep')}
        onClose={() => setAsked(null)}
        onConfirm={() => removal.mutate()}
      />
    </>
  );
}
