import { useTranslations } from 'next-intl';
import { useId } from 'react';
import type { FiguraDto } from '#lib/api/schemas.ts';

/** Which columns every file has to bring filled: fields `requiredColumns` of the form around it. */
export function RequiredColumns({ figura }: { figura: FiguraDto }) {
  const t = useTranslations('figuras.settings');
  const hintId = useId();
  return (
    <fieldset className="grid min-w-0 gap-1.5 sm:col-span-full" aria-describedby={hintId}>
      <legend className="mb-1.5 font-medium">{t('requiredColumns')}</legend>
      <div className="flex max-h-48 flex-wrap gap-x-5 overflow-y-auto rounded-control border border-line-strong px-3 py-1">
        {figura.columns.map(({ name, key, required }) => {
          const isChosen = figura.requiredColumns.includes(name);
          // Asked for by the table or as a key: a tick here would add nothing, taking it away would change nothing.
          const isGiven = !isChosen && (key || required);
          return (
            <label key={name} className="flex min-h-8 min-w-0 cursor-pointer items-center gap-2 font-mono text-sm">
              <input
                type="checkbox"
                name="requiredColumns"
                value={name}
                defaultChecked={isChosen || isGiven}
                disabled={isGiven}
                className="size-4 shrink-0"
              />
              <span className="wrap-anywhere">{name}</span>
            </label>
          );
        })}
      </div>
      <p id={hintId} className="text-muted text-sm">
        {t('requiredColumnsHint')}
      </p>
    </fieldset>
  );
}
