'use client';

import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { SelectField, TextField } from '#components/ui/field.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';

/** Which rows are shown: those with a text, and those with one kind of fault. */
export interface RowFilterValues {
  q: string;
  /** A code and a column as `code column`; empty for all. */
  kind: string;
}

const TYPING_PAUSE_MS = 300;

/** Search and kind of fault over the rows of a job. */
export function RowFilters(props: {
  values: RowFilterValues;
  kinds: JobHistoryDto['rowFaults'];
  count: number;
  onChange: (change: Partial<RowFilterValues>) => void;
}) {
  const t = useTranslations('job.faults');
  const names = useTranslations('faultCodes');
  const format = useFormats();
  const { values, onChange } = props;
  const [typed, setTyped] = useState(values.q);
  useEffect(() => {
    if (typed === values.q) return;
    const timer = setTimeout(() => onChange({ q: typed }), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, values.q, onChange]);
  return (
    <search className="mb-3 grid gap-3 sm:grid-cols-2">
      <TextField
        type="search"
        label={t('search')}
        placeholder={t('searchHint')}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {props.kinds.length > 0 ? (
        <SelectField label={t('kind')} value={values.kind} onChange={(event) => onChange({ kind: event.target.value })}>
          <option value="">{t('all', { count: format.number(props.count) })}</option>
          {props.kinds.map(({ code, column, count }) => (
            <option key={`${code} ${column ?? ''}`} value={`${code} ${column ?? ''}`}>
              {t('kindOf', {
                name: names(code),
                column: column ?? t('wholeRow'),
                count: format.number(count),
              })}
            </option>
          ))}
        </SelectField>
      ) : null}
    </search>
  );
}
