'use client';

import { useTranslations } from 'next-intl';
import { classNames } from '#components/ui/class-names.ts';
import { useFormats } from '#components/use-formats.ts';
import type { RowOutcomes } from '#lib/job/row-outcomes.ts';

const outcomes = ['inserted', 'updated', 'deleted', 'unchanged', 'skipped', 'rejected'] as const;

/**
 * What became of the rows, written as the sum that it is: read = inserted + … + rejected. While the job runs an outcome
 * of zero is not known yet, and not shown as if it were.
 */
export function JobFigures({ rows, isFinal, isDryRun }: { rows: RowOutcomes; isFinal: boolean; isDryRun: boolean }) {
  const t = useTranslations(isDryRun ? 'job.dryRows' : 'job.rows');
  const format = useFormats();
  return (
    <dl className="grid grid-cols-2 gap-x-2 gap-y-4 sm:grid-cols-4 lg:grid-cols-7">
      <Figure sign="" label={t('read')} value={format.number(rows.read)} isStrong />
      {outcomes.map((outcome, index) => (
        <Figure
          key={outcome}
          sign={index === 0 ? '=' : '+'}
          label={t(outcome)}
          value={isFinal || rows[outcome] > 0 ? format.number(rows[outcome]) : '–'}
          isStrong={rows[outcome] > 0}
          isBad={outcome === 'rejected' && rows.rejected > 0}
        />
      ))}
    </dl>
  );
}

function Figure(props: { sign: string; label: string; value: string; isStrong: boolean; isBad?: boolean }) {
  return (
    // The sign is drawn, not written: a list of terms takes nothing between its terms.
    <div
      data-sign={props.sign}
      className={classNames(
        "before:-translate-x-full relative flex min-w-0 flex-col-reverse justify-end before:absolute before:top-0 before:left-3 before:text-muted before:text-xl before:content-[attr(data-sign)_/_'']",
        props.sign && 'pl-5',
      )}
    >
      <dt className="text-muted text-sm">{props.label}</dt>
      <dd
        className={classNames(
          'text-xl leading-7',
          props.isStrong ? 'font-semibold' : 'text-muted',
          props.isBad && 'text-bad',
        )}
      >
        {props.value}
      </dd>
    </div>
  );
}
