'use client';

import { useTranslations } from 'next-intl';
import { useId } from 'react';
import { Disclosure } from '#components/ui/disclosure.tsx';

/** What a person may choose for the loads of a page. */
export interface ImportChoices {
  mode: 'merge' | 'append';
  onError: 'skip' | 'abort';
}

/** How rows meet the table and what happens to a load that has bad ones; the figura's own choices stand first. */
export function ImportOptions(props: {
  choices: ImportChoices;
  /** A figura without a key can only be added to. */
  hasKey: boolean;
  onChange: (change: Partial<ImportChoices>) => void;
}) {
  const t = useTranslations('upload.options');
  const { choices, onChange } = props;
  return (
    <Disclosure summary={t('title')}>
      <div className="grid gap-5">
        <Choice
          legend={t('onError')}
          options={(['skip', 'abort'] as const).map((name) => [name, t(name), t(`${name}Hint`)])}
          chosen={choices.onError}
          onChange={(onError) => onChange({ onError })}
        />
        {props.hasKey ? (
          <Choice
            legend={t('mode')}
            options={(['merge', 'append'] as const).map((name) => [name, t(name), t(`${name}Hint`)])}
            chosen={choices.mode}
            onChange={(mode) => onChange({ mode })}
          />
        ) : null}
      </div>
    </Disclosure>
  );
}

function Choice<Name extends string>(props: {
  legend: string;
  options: (readonly [name: Name, label: string, hint: string])[];
  chosen: Name;
  onChange: (name: Name) => void;
}) {
  const group = useId();
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 font-medium">{props.legend}</legend>
      {props.options.map(([name, label, hint]) => (
        <label key={name} className="flex cursor-pointer items-start gap-2 py-1">
          <input
            type="radio"
            name={group}
            className="mt-1 size-4 shrink-0"
            checked={props.chosen === name}
            onChange={() => props.onChange(name)}
          />
          <span>
            {label}
            <span className="block text-muted text-sm">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
