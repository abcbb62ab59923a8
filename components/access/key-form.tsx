'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { SelectField, TextField } from '#components/ui/field.tsx';
import type { CreateKeyDto } from '#lib/api-client/create-api-client.ts';
import { FiguraChoice } from './figura-choice.tsx';

const ROLES = ['operator', 'viewer', 'admin'] as const;
/** Days a key may live; an empty text is for ever. */
const LIFETIMES = ['30', '90', '365', ''] as const;
const DAY_MS = 24 * 3600 * 1000;

/** A new API key: its name, what it may do, for which figuras, and for how long. */
export function KeyForm(props: {
  figuras: readonly string[];
  isBusy: boolean;
  onCancel: () => void;
  onSubmit: (key: CreateKeyDto) => void;
}) {
  const t = useTranslations('keys');
  const roles = useTranslations('shell.roles');
  const common = useTranslations('common');
  const [faults, setFaults] = useState<{ name?: string; figuras?: string }>({});
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (props.isBusy) return;
    const form = new FormData(event.currentTarget);
    const name = String(form.get('name') ?? '').trim();
    const figuras = form.get('all') ? ['*'] : form.getAll('figura').map(String);
    const found = {
      name: name === '' ? t('nameMissing') : undefined,
      figuras: figuras.length === 0 ? t('figurasMissing') : undefined,
    };
    setFaults(found);
    if (found.name || found.figuras) return;
    const days = Number(form.get('lifetime'));
    props.onSubmit({
      name,
      role: ROLES.find((role) => role === form.get('role')) ?? 'viewer',
      figuras,
      expiresAt: days > 0 ? new Date(Date.now() + days * DAY_MS).toISOString() : undefined,
    });
  }
  return (
    <form onSubmit={submit} className="grid gap-4 sm:grid-cols-3" noValidate>
      <TextField name="name" label={t('name')} hint={t('nameHint')} fault={faults.name} required autoComplete="off" />
      <SelectField name="role" label={t('role')} hint={t('roleHint')} defaultValue="operator">
        {ROLES.map((role) => (
          <option key={role} value={role}>
            {roles(role)}
          </option>
        ))}
      </SelectField>
      <SelectField name="lifetime" label={t('lifetime')} hint={t('lifetimeHint')} defaultValue="365">
        {LIFETIMES.map((days) => (
          <option key={days} value={days}>
            {days === '' ? t('forever') : t('days', { count: Number(days) })}
          </option>
        ))}
      </SelectField>
      <FiguraChoice figuras={props.figuras} given={['*']} fault={faults.figuras} />
      <div className="flex gap-2 sm:col-span-3">
        <Button type="submit" look="primary" isBusy={props.isBusy}>
          {t('submit')}
        </Button>
        <Button onClick={props.onCancel}>{common('cancel')}</Button>
      </div>
    </form>
  );
}
