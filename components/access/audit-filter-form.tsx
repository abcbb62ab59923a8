'use client';

import { useTranslations } from 'next-intl';
import type { FormEvent } from 'react';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';

const FIELDS = ['actor', 'action', 'target'] as const;
export type AuditFilterValues = Record<(typeof FIELDS)[number], string>;

/** Narrows the audit to a person or key, an action, a target, each by its whole name. */
export function AuditFilterForm(props: { values: AuditFilterValues; onFilter: (values: AuditFilterValues) => void }) {
  const t = useTranslations('audit');
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    props.onFilter({ actor: text('actor'), action: text('action'), target: text('target') });
  }
  return (
    <search>
      <form onSubmit={submit} className="mb-4 grid items-end gap-3 sm:grid-cols-4">
        {FIELDS.map((name) => (
          <TextField key={name} name={name} label={t(name)} defaultValue={props.values[name]} autoComplete="off" />
        ))}
        <Button type="submit" icon="search">
          {t('filter')}
        </Button>
      </form>
    </search>
  );
}
