'use client';

import { useLocale, useTranslations } from 'next-intl';
import { type ChangeEvent, type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { SelectField, TextField } from '#components/ui/field.tsx';
import type { AuditFilterValues } from './audit-fields.ts';
import { useAuditActions } from './use-audit-actions.ts';

const RESULTS = ['done', 'refused'] as const;

/** Narrows the audit to a person or key and a target, each by its whole name, an action, a result and a period. */
export function AuditFilterForm(props: { values: AuditFilterValues; onFilter: (values: AuditFilterValues) => void }) {
  const t = useTranslations('audit');
  const { values } = props;
  const actions = useAuditActions();
  const collator = new Intl.Collator(useLocale());
  const choices = [...actions].sort(([, one], [, other]) => collator.compare(one, other));
  // An address may name an action that later versions know.
  if (values.action && !actions.has(values.action)) choices.unshift([values.action, values.action]);
  const [typed, setTyped] = useState(values);
  // Back, a copied link and a click on a name in the table change the address as well.
  const asked = JSON.stringify(values);
  const [shown, setShown] = useState(asked);
  if (shown !== asked) {
    setShown(asked);
    setTyped(values);
  }
  const field = (name: keyof AuditFilterValues) => ({
    name,
    label: t(name),
    value: typed[name],
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      setTyped({ ...typed, [name]: event.target.value }),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    props.onFilter({ ...typed, actor: typed.actor.trim(), target: typed.target.trim() });
  }
  return (
    <search>
      <form
        onSubmit={submit}
        className="mb-4 grid grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))] items-end gap-3 xl:grid-cols-[1fr_1fr_1fr_7rem_10.5rem_10.5rem_auto]"
      >
        <TextField {...field('actor')} placeholder={t('wholeName')} autoComplete="off" />
        <SelectField {...field('action')}>
          <option value="">{t('anyAction')}</option>
          {choices.map(([action, text]) => (
            <option key={action} value={action}>
              {text}
            </option>
          ))}
        </SelectField>
        <TextField {...field('target')} placeholder={t('targetExample')} autoComplete="off" />
        <SelectField {...field('result')}>
          <option value="">{t('anyResult')}</option>
          {RESULTS.map((result) => (
            <option key={result} value={result}>
              {t(`results.${result}`)}
            </option>
          ))}
        </SelectField>
        <TextField {...field('from')} type="date" />
        <TextField {...field('to')} type="date" />
        <Button type="submit" icon="search">
          {t('filter')}
        </Button>
      </form>
    </search>
  );
}
