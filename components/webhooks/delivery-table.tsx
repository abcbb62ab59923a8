'use client';

import { useTranslations } from 'next-intl';
import { Button } from '#components/ui/button.tsx';
import { Disclosure } from '#components/ui/disclosure.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { WebhookDeliveryDto } from '#lib/api-client/webhook-calls.ts';
import { DeliveryStatus } from './delivery-status.tsx';
import { EVENT_KEYS } from './webhook-form.tsx';

/** What was sent to a webhook; tries, answers and the message itself one click away. */
export function DeliveryTable(props: {
  deliveries: WebhookDeliveryDto[];
  /** The one that is being sent again at this moment. */
  busyId: string | null;
  onRetry: (id: string) => void;
}) {
  const t = useTranslations('webhooks');
  return (
    <Table caption={t('log')}>
      <thead>
        <tr>
          <HeadCell>{t('event')}</HeadCell>
          <HeadCell>{t('state')}</HeadCell>
          <HeadCell className="hidden sm:table-cell">{t('when')}</HeadCell>
          <HeadCell>
            <span className="sr-only">{t('action')}</span>
          </HeadCell>
        </tr>
      </thead>
      <tbody>
        {props.deliveries.map((delivery) => (
          <Row key={delivery.id}>
            <Cell className="wrap-anywhere">
              {t(`events.${EVENT_KEYS[delivery.event]}`)}
              <p className="text-muted text-sm sm:hidden">
                <Moment at={delivery.createdAt} />
              </p>
              <Disclosure summary={<span className="text-sm">{t('details')}</span>}>
                <DeliveryDetails delivery={delivery} />
              </Disclosure>
            </Cell>
            <Cell>
              <DeliveryStatus status={delivery.status} />
              <p className="mt-1 text-muted text-sm">{t('tries', { count: delivery.attempts })}</p>
              {delivery.status === 'pending' && delivery.attempts > 0 && delivery.nextTryAt ? (
                <p className="text-muted text-sm">
                  {t('nextTry')} <Moment at={delivery.nextTryAt} />
                </p>
              ) : null}
            </Cell>
            <Cell className="hidden sm:table-cell">
              <Moment at={delivery.createdAt} />
            </Cell>
            <Cell className="text-right">
              <Button
                isSmall
                icon="again"
                isBusy={props.busyId === delivery.id}
                aria-label={`${t('sendAgain')}: ${delivery.messageId}`}
                onClick={() => props.onRetry(delivery.id)}
              >
                {t('sendAgain')}
              </Button>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

function DeliveryDetails({ delivery }: { delivery: WebhookDeliveryDto }) {
  const t = useTranslations('webhooks');
  const faults = useTranslations('webhooks.faults');
  const format = useFormats();
  return (
    <div className="grid gap-3 text-sm">
      <p className="break-all font-mono">{delivery.messageId}</p>
      {delivery.tries.length > 0 ? (
        <ol className="grid gap-2">
          {delivery.tries.map((one) => (
            <li key={one.at}>
              <Moment at={one.at} />: {one.status ?? ''} {one.error ? faults(one.error) : t('taken')}
              {one.detail ? ` (${one.detail})` : ''}, {t('ms', { ms: format.number(one.ms) })}
              {one.response ? (
                <pre className="mt-1 max-h-40 overflow-auto whitespace-pre-wrap break-all rounded-control bg-sunken p-2 font-mono">
                  {one.response}
                </pre>
              ) : null}
            </li>
          ))}
        </ol>
      ) : null}
      <pre className="max-h-60 overflow-auto whitespace-pre-wrap break-all rounded-control bg-sunken p-2 font-mono">
        {JSON.stringify(JSON.parse(delivery.body), null, 2)}
      </pre>
    </div>
  );
}
