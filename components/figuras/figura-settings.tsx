'use client';

import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { AreaField, SelectField, TextField } from '#components/ui/field.tsx';
import type { ChangeFiguraDto, FiguraDto } from '#lib/api/schemas.ts';

import { mappingFromText, mappingToText } from './mapping-text.ts';
import { RequiredColumns } from './required-columns.tsx';
import { impactOf } from './settings-impact.ts';

const MEBIBYTE = 1024 ** 2;

interface Faults {
  maxErrors?: string;
  maxFileMib?: string;
  maxDeletePercent?: string;
  mapping?: string;
}

/** The limits and rules of a figura; a limit left blank is the service's own. What a change does is said before it. */
export function FiguraSettings(props: {
  figura: FiguraDto;
  isBusy: boolean;
  onCancel: () => void;
  onSubmit: (change: ChangeFiguraDto) => void;
}) {
  const t = useTranslations('figuras.settings');
  const common = useTranslations('common');
  const { figura } = props;
  const impacts = useTranslations('figuras.impact');
  const [faults, setFaults] = useState<Faults>({});
  /** A change that waits to be confirmed. */
  const [pending, setPending] = useState<ChangeFiguraDto | null>(null);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (props.isBusy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const isWhole = (value: string, least: number) => /^\d{1,12}$/.test(value) && Number(value) >= least;
    const mapping = mappingFromText(String(form.get('mapping') ?? ''));
    const key = text('key')
      .split(/[\s,;]+/)
      .filter(Boolean);
    const found: Faults = {
      mapping: mapping === null ? t('mappingFault') : undefined,
      maxErrors: text('maxErrors') === '' || isWhole(text('maxErrors'), 0) ? undefined : t('wholeNumber'),
      maxFileMib: text('maxFileMib') === '' || isWhole(text('maxFileMib'), 1) ? undefined : t('wholeNumber'),
      maxDeletePercent:
        isWhole(text('maxDeletePercent'), 0) && Number(text('maxDeletePercent')) <= 100 ? undefined : t('percent'),
    };
    setFaults(found);
    if (Object.values(found).some(Boolean)) return;
    const mebibytes = text('maxFileMib');
    const change: ChangeFiguraDto = {
      title: text('title') || undefined,
      onError: text('onError') === 'abort' ? 'abort' : 'skip',
      unknownColumns: text('unknownColumns') === 'reject' ? 'reject' : 'ignore',
      maxErrors: text('maxErrors') === '' ? null : Number(text('maxErrors')),
      maxDeleteRatio: Number(text('maxDeletePercent')) / 100,
      // What stands there may be the service's own limit: sent only when somebody wrote another one.
      ...(mebibytes === shownMebibytes(figura)
        ? {}
        : { maxFileBytes: mebibytes ? Number(mebibytes) * MEBIBYTE : null }),
      opColumn: text('opColumn') || undefined,
      // No key in the field: as it is. Names with blanks are changed through the API.
      ...(key.length === 0 || key.join() === figura.key.join() ? {} : { key }),
      ...(mapping === null ? {} : { mapping }),
      requiredColumns: form.getAll('requiredColumns').map(String),
    };
    if (impactOf(figura, change).length > 0) setPending(change);
    else props.onSubmit(change);
  }
  return (
    <>
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
        <TextField
          name="key"
          label={t('key')}
          hint={t('keyHint')}
          defaultValue={figura.key.join(', ')}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <TextField
          name="opColumn"
          label={t('opColumn')}
          hint={t('opColumnHint')}
          defaultValue={figura.opColumn}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
        <AreaField
          name="mapping"
          label={t('mapping')}
          hint={t('mappingHint')}
          fault={faults.mapping}
          defaultValue={mappingToText(figura.mapping)}
          className="sm:col-span-full"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          rows={3}
        />
        <RequiredColumns figura={figura} />
        <div className="flex gap-2 sm:col-span-full">
          <Button type="submit" look="primary" isBusy={props.isBusy}>
            {t('submit')}
          </Button>
          <Button onClick={props.onCancel}>{common('cancel')}</Button>
        </div>
      </form>
      <Dialog title={impacts('title')} isOpen={pending !== null} onClose={() => setPending(null)}>
        <ul className="list-disc pl-5">
          {(pending === null ? [] : impactOf(figura, pending)).map((impact) => (
            <li key={impact}>{impacts(impact)}</li>
          ))}
        </ul>
        <p className="mt-3">{impacts('running')}</p>
        <div className="mt-5 flex flex-wrap justify-end gap-2">
          <Button onClick={() => setPending(null)}>{impacts('keep')}</Button>
          <Button
            look="primary"
            onClick={() => {
              if (pending !== null) props.onSubmit(pending);
              setPending(null);
            }}
          >
            {impacts('confirm')}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function shownMebibytes({ limits }: FiguraDto): string {
  return String(Math.max(1, Math.round(limits.maxFileBytes / MEBIBYTE)));
}
