'use client';

import { useTranslations } from 'next-intl';
import { ProgressBar } from '#components/ui/progress-bar.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';

/** How far a job is: rows, rows a second, time left; what is not known is said to be so. */
export function JobProgress({ job }: { job: JobDto }) {
  const t = useTranslations('job');
  const format = useFormats();
  const { percent, rowsRead, rowsTotal, rowsPerSecond, etaSeconds } = job.progress;
  const isQueued = job.status === 'queued';
  const rows =
    rowsTotal === null
      ? t('rowsRead', { count: rowsRead })
      : t('rowsOf', { read: format.number(rowsRead), total: format.number(rowsTotal) });
  const facts = isQueued
    ? [t('waiting')]
    : [
        `${format.number(Math.floor(percent))} %`,
        rows,
        rowsPerSecond === null || rowsPerSecond === 0 ? null : t('speed', { rows: format.number(rowsPerSecond) }),
        etaSeconds === null
          ? t('leftUnknown')
          : t('left', { time: format.duration(Math.max(1, Math.ceil(etaSeconds)) * 1000) }),
      ];
  return (
    <div className="grid gap-2">
      <ProgressBar label={t('progress')} percent={isQueued ? null : percent} valueText={rows} />
      <p className="text-muted">{facts.filter(Boolean).join(' · ')}</p>
    </div>
  );
}
