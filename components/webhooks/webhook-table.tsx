'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Ago } from '#components/ui/moment.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import type { WebhookDto } from '#lib/api-client/webhook-calls.ts';
import { DeliveryStatus } from './delivery-status.tsx';
import { EVENT_KEYS } from './webhook-form.tsx';

/** The webhooks, each with what became of its last message. */
export function WebhookTable({ webhooks }: { webhooks: WebhookDto[] }) {
  const t = useTranslations('webhooks');
  return (
    <RecordTable
      caption={t('title')}
      items={webhooks}
      keyOf={({ id }) => id}
      columns={[
        {
          head: t('url'),
          className: 'wrap-anywhere',
          cell: ({ id, url, description, enabled }) => (
            <>
              <Link href={`/webhooks/${id}`} className="text-accent underline">
                {description || url}
              </Link>
              {description ? <p className="text-muted text-sm">{url}</p> : null}
              {enabled ? null : (
                <div className="mt-1">
                  <Badge icon="stop">{t('off')}</Badge>
                </div>
              )}
            </>
          ),
        },
        {
          head: t('eventsLabel'),
          from: 'md',
          cell: ({ events }) => events.map((event) => t(`events.${EVENT_KEYS[event]}`)).join(', '),
        },
        {
          head: t('figuras'),
          from: 'lg',
          className: 'wrap-anywhere max-w-56',
          cell: ({ figuras }) => (figuras.includes('*') ? t('allFiguras') : figuras.join(', ')),
        },
        {
          head: t('last'),
          cell: ({ lastDelivery }) =>
            lastDelivery === null ? (
              <span className="text-muted">{t('never')}</span>
            ) : (
              <div className="grid justify-items-start gap-1">
                <DeliveryStatus status={lastDelivery.status} />
                <span className="text-muted text-sm">
                  <Ago at={lastDelivery.createdAt} />
                </span>
              </div>
            ),
        },
      ]}
    />
  );
}
