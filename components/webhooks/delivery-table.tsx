'use client';

import { useTranslations } from 'next-intl';
import { Button } from '#components/ui/button.tsx';
import { Disclosure } from '#components/ui/disclosure.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
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
    <RecordTable
      caption={t('log')}
      items={props.deliveries}
      keyOf={({ id }) => id}
      columns={[
        {
          head: t('event'),
          className: 'wrap-anywhere',
          cell: (delivery) => (
            <>
              {t(`events.${EVENT_KEYS[delivery.event]}`)}
              <p className="text-muted text-sm sm:hidden">
                <Moment at={delivery.createdAt} />
              </p>
              <Disclosure summary={<span className="text-sm">{t('details')}</span>}>
                <DeliveryDetails delivery={delivery} />
              </Disclosure>
            </>
          ),
        },
        {
          head: t('state'),
          cell: ({ status, attempts, nextTryAt }) => (
            <>
              <DeliveryStatus status={status} />
              <p className="mt-1 text-muted text-sm">{t('tries', { count: attempts })}</p>
              {status === 'pending' && attempts > 0 && nextTryAt ? (
                <p className="text-muted text-sm">
                  {t('nextTry')} <Moment at={nextTryAt} />
                </p>
              ) : null}
            </>
          ),
        },
        { head: t('when'), from: 'sm', cell: ({ createdAt }) => <Moment at={createdAt} />, fact: () => null },
        {
          head: t('action'),
          isAction: true,
          cell: ({ id, messageId }) => (
            <Button
              isSmall
              icon="again"
              isBusy={props.busyId === id}
              aria-label={`${t('sendAgain')}: ${messageId}`}
              onClick={() => props.onRetry(id)}
            >
              {t('sendAgain')}
            </Button>
          ),
        },
      ]}
    />
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
