'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { SelectField, TextField } from '#components/ui/field.tsx';
import type { ChangeFiguraDto, FiguraDto } from '#lib/api/schemas.ts';

const MEBIBYTE = 1024 ** 2;

/** The limits and rules of a figura; a limit left blank is the service's own. */
export function FiguraSettings(props: {
  figura: FiguraDto;
  isBusy: boolean;
  onCancel: () => void;
  onSubmit: (change: ChangeFiguraDto) => void;
}) {
  const t = useTranslations('figuras.settings');
  const { figura } = props;
  const [faults, setFaults] = useState<{ maxErrors?: string; maxFileMib?: string; maxDeletePercent?: string }>({});
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (props.isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const isWhole = (value: string, least: number) => /^\d{1,12}$/.test(value) && Number(value) >= least;
    const found = {
      maxErrors: text('maxErrors') === '' || isWhole(text('maxErrors'), 0) ? undefined : t('wholeNumber'),
      maxFileMib: text('maxFileMib') === '' || isWhole(text('maxFileMib'), 1) ? undefined : t('wholeNumber'),
      maxDeletePercent:
        isWhole(text('maxDeletePercent'), 0) && Number(text('maxDeletePercent')) <= 100 ? undefined : t('percent'),
    };
    setFaults(found);
    if (found.maxErrors || found.maxFileMib || found.maxDeletePercent) return;
    const mebibytes = text('maxFileMib');
    props.onSubmit({
      title: text('title') || undefined,
      onError: text('onError') === 'abort' ? 'abort' : 'skip',
      unknownColumns: text('unknownColumns') === 'reject' ? 'reject' : 'ignore',
      maxErrors: text('maxErrors') === '' ? null : Number(text('maxErrors')),
      maxDeleteRatio: Number(text('maxDeletePercent')) / 100,
      // What stands there may be the service's own limit: sent only when somebody wrote another one.
      ...(mebibytes === shownMebibytes(figura)
        ? {}
        : { maxFileBytes: mebibytes ? Number(mebibytes) * MEBIBYTE : null }),
    });
  }
  return (
    <form onSubmit={submit} className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3" noValidate>
      <TextField name="title" label={t('title')} defaultValue={figura.title} autoComplete="off" />
      <SelectField name="onError" label={t('onError')} defaultValue={figura.onError}>
        <option value="skip">{t('skip')}</option>
        <option value="abort">{t('abort')}</option>
      </SelectField>
      <SelectField name="unknownColumns" label={t('unknownColumns')} defaultValue={figura.unknownColumns}>
        <option value="ignore">{t('ignore')}</option>
        <option value="reject">{t('reject')}</option>
      </SelectField>
      <TextField
        name="maxErrors"
        inputMode="numeric"
        label={t('maxErrors')}
        hint={t('maxErrorsHint')}
        fault={faults.maxErrors}
        defaultValue={figura.maxErrors ?? ''}
      />
      <TextField
        name="maxFileMib"
        inputMode="numeric"
        label={t('maxFileMib')}
        hint={t('maxFileMibHint')}
        fault={faults.maxFileMib}
        defaultValue={shownMebibytes(figura)}
      />
      <TextField
        name="maxDeletePercent"
        inputMode="numeric"
        label={t('maxDeletePercent')}
        hint={t('maxDeletePercentHint')}
        fault={faults.maxDeletePercent}
        defaultValue={Math.round(figura.limits.maxDeleteRatio * 100)}
      />
      <div className="flex gap-2 sm:col-span-full">
        <Button type="submit" look="primary" isBusy={props.isBusy}>
          {t('submit')}
        </Button>
        <Button onClick={props.onCancel}>{t('cancel')}</Button>
      </div>
    </form>
  );
}

function shownMebibytes({ limits }: FiguraDto): string {
  return String(Math.max(1, Math.round(limits.maxFileBytes / MEBIBYTE)));
}
