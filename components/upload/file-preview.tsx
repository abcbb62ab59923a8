'use client';

import { useTranslations } from 'next-intl';
import { useFormats } from '#components/use-formats.ts';
import type { ChosenSample } from './prepare-file.ts';

/** A hundred rows of more columns would be tens of thousands of cells to draw. */
const MAX_COLUMNS = 60;
const MAX_CHARS = 120;

/** The first rows of a file, cell by cell as they stand in it, under a header that stays in sight. */
export function FilePreview({ sample }: { sample: ChosenSample }) {
  const t = useTranslations('upload.preview');
  const format = useFormats();
  const columns = sample.columns.slice(0, MAX_COLUMNS);
  if (sample.rows.length === 0) return <p className="text-muted">{t('noRows')}</p>;
  return (
    <div className="grid gap-2">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t('title')}
        className="max-h-96 overflow-auto rounded-box border bg-surface"
      >
        <table className="border-separate border-spacing-0 text-left text-sm">
          <caption className="sr-only">{t('title')}</caption>
          <thead className="sticky top-0 z-10 bg-sunken">
            <tr>
              <th scope="col" className="border-b px-2 py-1.5 text-right font-medium text-muted">
                {t('row')}
              </th>
              {columns.map(({ name, encoding }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the columns of a file never move, and may share a name
                <th key={index} scope="col" className="min-w-24 max-w-60 border-b px-2 py-1.5 align-bottom font-medium">
                  <span className="wrap-anywhere block font-mono">{name}</span>
                  <span className="block font-normal text-muted">{t(`types.${encoding}`)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sample.rows.map((row, rowIndex) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a sample never change
              <tr key={rowIndex}>
                <td className="border-line border-t px-2 py-1 text-right text-muted">{format.number(rowIndex + 1)}</td>
                {columns.map((_, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  <td key={index} className="max-w-60 truncate border-line border-t px-2 py-1 font-mono">
                    {row[index]?.slice(0, MAX_CHARS) ?? <span className="text-muted">–</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="text-muted text-sm">
        {t('shown', { rows: sample.rows.length, total: sample.rowCount })}
        {sample.columns.length > MAX_COLUMNS ? ` ${t('moreColumns', { count: MAX_COLUMNS })}` : null}
      </p>
    </div>
  );
}
