'use client';

import { useTranslations } from 'next-intl';
import { useId } from 'react';
import { Disclosure } from '#components/ui/disclosure.tsx';

/** What happens to a load that has bad rows; the figura's own choice stands first. */
export function ImportOptions(props: { onError: 'skip' | 'abort'; onChange: (onError: 'skip' | 'abort') => void }) {
  const t = useTranslations('upload.options');
  const name = useId();
  return (
    <Disclosure summary={t('title')}>
      <fieldset className="grid gap-2">
        <legend className="mb-1 font-medium">{t('onError')}</legend>
        {(['skip', 'abort'] as const).map((choice) => (
          <label key={choice} className="flex cursor-pointer items-start gap-2 py-1">
            <input
              type="radio"
              name={name}
              className="mt-1 size-4 shrink-0"
              checked={props.onError === choice}
              onChange={() => props.onChange(choice)}
            />
            <span>
              {t(choice)}
              <span className="block text-muted text-sm">{t(`${choice}Hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </Disclosure>
  );
}
