'use client';

import { useTranslations } from 'next-intl';
import { type ReactNode, useState } from 'react';
import { Icon } from '#components/ui/icon.tsx';

/** All figuras, or some: fields `all` and `figura` of the form around it. */
export function FiguraChoice(props: { figuras: readonly string[]; given: readonly string[]; fault?: ReactNode }) {
  const t = useTranslations('keys');
  const [hasAll, setHasAll] = useState(props.given.includes('*'));
  // Given ones that are gone since are kept in sight: saving must not take them away unseen.
  const names = [...new Set([...props.figuras, ...props.given.filter((name) => name !== '*')])];
  return (
    <fieldset className="col-span-full grid gap-1">
      <legend className="mb-1 font-medium">{t('figuras')}</legend>
      <label className="flex min-h-8 cursor-pointer items-center gap-2">
        <input
          type="checkbox"
          name="all"
          className="size-4 shrink-0"
          checked={hasAll}
          onChange={(event) => setHasAll(event.target.checked)}
        />
        {t('allFiguras')}
      </label>
      {hasAll ? null : (
        <div className="flex flex-wrap gap-x-5">
          {names.map((name) => (
            <label key={name} className="flex min-h-8 cursor-pointer items-center gap-2">
              <input
                type="checkbox"
                name="figura"
                value={name}
                defaultChecked={props.given.includes(name)}
                className="size-4 shrink-0"
              />
              {name}
            </label>
          ))}
        </div>
      )}
      {props.fault ? (
        <p role="alert" className="flex items-start gap-1.5 text-bad text-sm">
          <Icon name="alert" className="mt-0.5" />
          {props.fault}
        </p>
      ) : null}
    </fieldset>
  );
}
