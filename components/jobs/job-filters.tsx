'use client';

import { useTranslations } from 'next-intl';
import { useCallback, useEffect, useId, useState } from 'react';
import { SelectField, TextField } from '#components/ui/field.tsx';
import { JOB_STATUSES, type JobStatus } from '#lib/job/job-states.ts';

/** What the list is narrowed to; empty texts mean everything. */
export interface JobFilterValues {
  status: JobStatus | '';
  figura: string;
  q: string;
  /** Name of who asked for the job, whole. */
  author: string;
  /** Days as `2026-11-22`, both included. */
  from: string;
  to: string;
}

/** Typing that pauses this long is a question; fewer calls would come late, more would ask for half words. */
const TYPING_PAUSE_MS = 300;

/** Status, figura and text; every change is told at once, text once typing pauses. */
export function JobFilters(props: {
  values: JobFilterValues;
  figuras: readonly string[];
  /** Names to choose from; others can be typed. */
  authors: readonly string[];
  onChange: (change: Partial<JobFilterValues>) => void;
}) {
  const t = useTranslations('jobs');
  const { values, figuras, onChange } = props;
  const authorsId = useId();
  const [text, setText] = useTypedFilter(
    values.q,
    useCallback((q) => onChange({ q }), [onChange]),
  );
  const [author, setAuthor] = useTypedFilter(
    values.author,
    useCallback((next) => onChange({ author: next }), [onChange]),
  );
  const known = values.figura && !figuras.includes(values.figura) ? [values.figura, ...figuras] : figuras;
  return (
    <search className="mb-4 grid grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))] gap-3">
      <SelectField
        label={t('columns.status')}
        value={values.status}
        onChange={(event) => onChange({ status: event.target.value as JobFilterValues['status'] })}
      >
        <option value="">{t('all')}</option>
        {JOB_STATUSES.map((status) => (
          <option key={status} value={status}>
            {t(`status.${status === 'complete' ? 'success' : status}`)}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('columns.figura')}
        value={values.figura}
        onChange={(event) => onChange({ figura: event.target.value })}
      >
        <option value="">{t('all')}</option>
        {known.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t('search')}
        className="col-span-full lg:col-span-1"
        type="search"
        placeholder={t('searchHint')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <TextField
        label={t('author')}
        className="max-sm:col-span-full"
        type="search"
        placeholder={t('authorHint')}
        list={authorsId}
        autoComplete="off"
        value={author}
        onChange={(event) => setAuthor(event.target.value)}
      />
      <datalist id={authorsId}>
        {props.authors.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {(['from', 'to'] as const).map((end) => (
        <TextField
          key={end}
          type="date"
          label={t(end)}
          value={values[end]}
          onChange={(event) => onChange({ [end]: event.target.value })}
        />
      ))}
    </search>
  );
}

/** A text that is told once typing pauses, and follows when the address changes from elsewhere (back, a link). */
function useTypedFilter(value: string, tell: (text: string) => void): [string, (text: string) => void] {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  if (told !== value) {
    setTold(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === told) return;
    const timer = setTimeout(() => {
      setTold(typed);
      tell(typed);
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, told, tell]);
  return [typed, setTyped];
}
