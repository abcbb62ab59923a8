'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { FiguraChoice } from '#components/access/figura-choice.tsx';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import type { WebhookDto } from '#lib/api-client/webhook-calls.ts';
import { WEBHOOK_EVENTS, type WebhookEvent } from '#lib/webhooks/webhook-events.ts';

/** Names of the events in the catalogue, which takes dots for steps. */
export const EVENT_KEYS = {
  'job.finished': 'finished',
  'job.failed': 'failed',
  'job.cancelled': 'cancelled',
  'webhook.test': 'test',
} as const;

/** What a form asks for. */
export interface WebhookSettings {
  url: string;
  description: string;
  figuras: string[];
  events: WebhookEvent[];
  enabled: boolean;
}

/** A webhook: where to, what for, of which figuras. */
export function WebhookForm(props: {
  webhook: WebhookDto | null;
  figuras: readonly string[];
  isBusy: boolean;
  /** Absent where the form is always there. */
  onCancel?: () => void;
  onSubmit: (settings: WebhookSettings) => void;
}) {
  const t = useTranslations('webhooks');
  const common = useTranslations('common');
  const { webhook } = props;
  const [faults, setFaults] = useState<{ url?: string; events?: string; figuras?: string }>({});
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (props.isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const settings = {
      url: text('url'),
      description: text('description'),
      figuras: form.get('all') ? ['*'] : form.getAll('figura').map(String),
      events: WEBHOOK_EVENTS.filter((one) => form.getAll('event').includes(one)),
      enabled: form.get('enabled') !== null,
    };
    const found = {
      url: /^https?:\/\/[^@/?#]+([/?#]|$)/i.test(settings.url) ? undefined : t('urlFault'),
      events: settings.events.length === 0 ? t('eventsMissing') : undefined,
      figuras: settings.figuras.length === 0 ? t('figurasMissing') : undefined,
    };
    setFaults(found);
    if (!found.url && !found.events && !found.figuras) props.onSubmit(settings);
  }
  return (
    <form onSubmit={submit} className="grid gap-4 sm:grid-cols-2" noValidate>
      <TextField
        name="url"
        type="url"
        label={t('url')}
        hint={t('urlHint')}
        fault={faults.url}
        defaultValue={webhook?.url}
        placeholder="https://"
        autoComplete="off"
        required
      />
      <TextField
        name="description"
        label={t('description')}
        hint={t('descriptionHint')}
        defaultValue={webhook?.description}
        autoComplete="off"
        maxLength={200}
      />
      <fieldset className="col-span-full grid gap-1">
        <legend className="mb-1 font-medium">{t('eventsLabel')}</legend>
        <div className="flex flex-wrap gap-x-5">
          {WEBHOOK_EVENTS.map((one) => (
            <CheckField key={one} name="event" value={one} isChecked={webhook?.events.includes(one) ?? true}>
              {t(`events.${EVENT_KEYS[one]}`)}
            </CheckField>
          ))}
        </div>
        {faults.events ? (
          <p role="alert" className="text-bad text-sm">
            {faults.events}
          </p>
        ) : null}
      </fieldset>
      <FiguraChoice figuras={props.figuras} given={webhook?.figuras ?? ['*']} fault={faults.figuras} />
      <div className="col-span-full">
        <CheckField name="enabled" value="yes" isChecked={webhook?.enabled ?? true}>
          {t('enabledLabel')}
        </CheckField>
      </div>
      <div className="col-span-full flex gap-2">
        <Button type="submit" look="primary" isBusy={props.isBusy}>
          {webhook ? t('save') : t('submit')}
        </Button>
        {props.onCancel ? <Button onClick={props.onCancel}>{common('cancel')}</Button> : null}
      </div>
    </form>
  );
}

function CheckField(props: { name: string; value: string; isChecked: boolean; children: string }) {
  return (
    <label className="flex min-h-8 cursor-pointer items-center gap-2">
      <input
        type="checkbox"
        name={props.name}
        value={props.value}
        defaultChecked={props.isChecked}
        className="size-4 shrink-0"
      />
      {props.children}
    </label>
  );
}
