'use client';

import { useTranslations } from 'next-intl';
import type { FormEvent } from 'react';
import { Button } from '#components/ui/button.tsx';
import { SelectField, TextField } from '#components/ui/field.tsx';

/** What the audit can be narrowed by; each is a parameter of the page's address. */
export const AUDIT_FIELDS = ['actor', 'action', 'target', 'result', 'from', 'to'] as const;
export type AuditFilterValues = Record<(typeof AUDIT_FIELDS)[number], string>;

const RESULTS = ['done', 'refused'] as const;

/** Narrows the audit to a person or key, an action, a target, each by its whole name, a result and a period. */
export function AuditFilterForm(props: { values: AuditFilterValues; onFilter: (values: AuditFilterValues) => void }) {
  const t = useTranslations('audit');
  const { values } = props;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    props.onFilter(Object.fromEntries(AUDIT_FIELDS.map((name) => [name, text(name)])) as AuditFilterValues);
  }
  return (
    <search>
      <form onSubmit={submit} className="mb-4 grid grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))] items-end gap-3">
        {(['actor', 'action', 'target'] as const).map((name) => (
          <TextField key={name} name={name} label={t(name)} defaultValue={values[name]} autoComplete="off" />
        ))}
        <SelectField name="result" label={t('result')} defaultValue={values.result}>
          <option value="">{t('anyResult')}</option>
          {RESULTS.map((result) => (
            <option key={result} value={result}>
              {t(`results.${result}`)}
            </option>
          ))}
        </SelectField>
        {(['from', 'to'] as const).map((name) => (
          <TextField key={name} name={name} type="date" label={t(name)} defaultValue={values[name]} />
        ))}
        <Button type="submit" icon="search">
          {t('filter')}
        </Button>
      </form>
    </search>
  );
}
