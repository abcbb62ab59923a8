'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { classNames } from '#components/ui/class-names.ts';
import { useFormats } from '#components/use-formats.ts';
import type { CheckReport, FaultyRow } from './check-rows.ts';
import type { ChosenSample } from './prepare-file.ts';
import { useFaultCause } from './use-fault-cause.ts';

/** A hundred rows of more columns would be tens of thousands of cells to draw. */
const MAX_COLUMNS = 60;
const MAX_CHARS = 120;

/** The first rows of a file or those with faults, cell by cell as they stand in it, under a header that stays in sight. */
export function FilePreview(props: { sample: ChosenSample; rowCount: number | null; report: CheckReport | null }) {
  const t = useTranslations('upload.preview');
  const { sample, rowCount, report } = props;
  const [isFaultyOnly, setIsFaultyOnly] = useState(false);
  const hasFaults = report !== null && report.rows.length > 0;
  const rows = isFaultyOnly && hasFaults ? report.rows : firstRows(sample);
  const columns = sample.columns.slice(0, MAX_COLUMNS);
  if (sample.rows.length === 0) return <p className="text-muted">{t('noRows')}</p>;
  return (
    <div className="grid gap-2">
      {hasFaults ? (
        <label className="flex min-h-8 cursor-pointer items-center gap-2">
          <input
            type="checkbox"
            className="size-4 shrink-0"
            checked={isFaultyOnly}
            onChange={(event) => setIsFaultyOnly(event.target.checked)}
          />
          {t('faultyOnly')}
        </label>
      ) : null}
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={t('title')}
        className="max-h-96 overflow-auto rounded-box border bg-surface"
      >
        <table className="min-w-full border-separate border-spacing-0 text-left text-sm">
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
            {rows.map((row) => (
              <PreviewRow key={row.row} row={row} names={columns.map(({ name }) => name)} />
            ))}
          </tbody>
        </table>
      </section>
      <p className="text-muted text-sm">
        {isFaultyOnly && hasFaults
          ? t('faultyShown', { rows: rows.length })
          : rowCount === null
            ? null
            : t('shown', { rows: rows.length, total: rowCount })}
        {sample.columns.length > MAX_COLUMNS ? ` ${t('moreColumns', { count: MAX_COLUMNS })}` : null}
      </p>
    </div>
  );
}

function firstRows(sample: ChosenSample): FaultyRow[] {
  return sample.rows.map((cells, index) => ({ row: index + 1, cells, faults: [] }));
}

function PreviewRow({ row, names }: { row: FaultyRow; names: string[] }) {
  const causeOf = useFaultCause();
  const format = useFormats();
  const { cells, faults } = row;
  const words = (column: string | null) =>
    faults
      .filter((fault) => fault.column === column)
      .map(causeOf)
      .join('; ');
  const wholeRow = words(null);
  return (
    <tr>
      <td className="border-line border-t px-2 py-1 text-right text-muted">
        {format.number(row.row)}
        {wholeRow === '' ? null : <span className="block whitespace-nowrap font-medium text-bad">{wholeRow}</span>}
      </td>
      {names.map((name, index) => {
        const fault = words(name);
        // The row that repeats a key counts; the earlier one is left out.
        const isRepeat = faults.every(({ column, code }) => column !== name || code === 'duplicate_key');
        return (
          <td
            // biome-ignore lint/suspicious/noArrayIndexKey: the columns of a file never move, and may share a name
            key={index}
            className={classNames(
              'max-w-60 truncate border-line border-t px-2 py-1 font-mono',
              fault === '' ? undefined : isRepeat ? 'bg-warn-soft' : 'bg-bad-soft',
            )}
          >
            {cells[index]?.slice(0, MAX_CHARS) ?? <span className="text-muted">–</span>}
            {fault === '' ? null : (
              <span
                className={classNames(
                  'block whitespace-normal font-medium font-sans',
                  isRepeat ? 'text-warn' : 'text-bad',
                )}
              >
                {fault}
              </span>
            )}
          </td>
        );
      })}
    </tr>
  );
}
