'use client';

import { useTranslations } from 'next-intl';
import type { FormEvent } from 'react';
import { Button } from '#components/ui/button.tsx';
import { TextField } from '#components/ui/field.tsx';
import type { CreateFiguraDto } from '#lib/api/schemas.ts';

const FIELDS = ['name', 'title', 'table', 'key'] as const;
export type FiguraField = (typeof FIELDS)[number];

/** The field that a fault of the whole request is about; faults of single fields bring their pointer. */
const FIELD_OF_CODE: Record<string, FiguraField> = {
  figura_exists: 'name',
  reserved_name: 'name',
  table_not_found: 'table',
  table_not_supported: 'table',
  key_not_found_in_table: 'key',
  key_not_unique: 'key',
};

/** Which text belongs to which field; null when the fault belongs to none of them. */
export function faultsByField(problem: {
  code: string;
  detail: string;
  errors: { pointer: string; detail: string }[];
}): Partial<Record<FiguraField, string>> | null {
  const byField: Partial<Record<FiguraField, string>> = {};
  for (const { pointer, detail } of problem.errors) {
    const field = FIELDS.find((name) => pointer === `/${name}` || pointer.startsWith(`/${name}/`));
    if (field) byField[field] ??= detail;
  }
  const field = FIELD_OF_CODE[problem.code];
  if (field) byField[field] ??= problem.detail;
  return Object.keys(byField).length > 0 ? byField : null;
}

/** Registers a table that exists as a figura. */
export function FiguraForm(props: {
  faults: Partial<Record<FiguraField, string>>;
  isBusy: boolean;
  onCancel: () => void;
  onSubmit: (figura: CreateFiguraDto) => void;
}) {
  const t = useTranslations('figuras.form');
  const common = useTranslations('common');
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (props.isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: FiguraField) => String(form.get(name) ?? '').trim();
    const key = text('key')
      .split(/[\s,;]+/)
      .filter(Boolean);
    props.onSubmit({
      name: text('name'),
      table: text('table'),
      title: text('title') || undefined,
      key: key.length > 0 ? key : undefined,
    });
  }
  return (
    <form onSubmit={submit} className="grid gap-4 sm:grid-cols-2" noValidate>
      {FIELDS.map((name) => (
        <TextField
          key={name}
          name={name}
          label={t(name)}
          hint={t(`${name}Hint`)}
          fault={props.faults[name]}
          required={name === 'name' || name === 'table'}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={name === 'title'}
        />
      ))}
      <div className="flex gap-2 sm:col-span-2">
        <Button type="submit" look="primary" isBusy={props.isBusy}>
          {t('submit')}
        </Button>
        <Button onClick={props.onCancel}>{common('cancel')}</Button>
      </div>
    </form>
  );
}
