'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import { Badge } from '#components/ui/badge.tsx';
import { Ago } from '#components/ui/moment.tsx';
import { Cell, HeadCell, NarrowFacts, Row, Table } from '#components/ui/table.tsx';
import type { WebhookDto } from '#lib/api-client/webhook-calls.ts';
import { DeliveryStatus } from './delivery-status.tsx';
import { EVENT_KEYS } from './webhook-form.tsx';

/** The webhooks, each with what became of its last message. */
export function WebhookTable({ webhooks }: { webhooks: WebhookDto[] }) {
  const t = useTranslations('webhooks');
  return (
    <Table caption={t('title')}>
      <thead>
        <tr>
          <HeadCell>{t('url')}</HeadCell>
          <HeadCell className="hidden md:table-cell">{t('eventsLabel')}</HeadCell>
          <HeadCell className="hidden lg:table-cell">{t('figuras')}</HeadCell>
          <HeadCell>{t('last')}</HeadCell>
        </tr>
      </thead>
      <tbody>
        {webhooks.map((webhook) => {
          const events = webhook.events.map((event) => t(`events.${EVENT_KEYS[event]}`)).join(', ');
          const figuras = webhook.figuras.includes('*') ? t('allFiguras') : webhook.figuras.join(', ');
          return (
            <Row key={webhook.id}>
              <Cell className="wrap-anywhere">
                <Link href={`/webhooks/${webhook.id}`} className="text-accent underline">
                  {webhook.description || webhook.url}
                </Link>
                {webhook.description ? <p className="text-muted text-sm">{webhook.url}</p> : null}
                {webhook.enabled ? null : (
                  <div className="mt-1">
                    <Badge icon="stop">{t('off')}</Badge>
                  </div>
                )}
                <NarrowFacts
                  facts={[
                    ['md', t('eventsLabel'), events],
                    ['lg', t('figuras'), figuras],
                  ]}
                />
              </Cell>
              <Cell className="hidden md:table-cell">{events}</Cell>
              <Cell className="wrap-anywhere hidden max-w-56 lg:table-cell">{figuras}</Cell>
              <Cell>
                {webhook.lastDelivery === null ? (
                  <span className="text-muted">{t('never')}</span>
                ) : (
                  <div className="grid justify-items-start gap-1">
                    <DeliveryStatus status={webhook.lastDelivery.status} />
                    <span className="text-muted text-sm">
                      <Ago at={webhook.lastDelivery.createdAt} />
                    </span>
                  </div>
                )}
              </Cell>
            </Row>
          );
        })}
      </tbody>
    </Table>
  );
}
