'use client';

import Link from 'next/link';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { Icon } from '#components/ui/icon.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { OverviewDto } from '#lib/api/insight-schemas.ts';

/** The figures of the period and of this moment. */
export function OverviewTiles({ overview: { total, queue, workers } }: { overview: OverviewDto }) {
  const t = useTranslations('overview.tiles');
  const format = useFormats();
  const inQueue = queue.waiting + queue.delayed;
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Tile name={t('jobs')} value={format.number(total.jobs)} />
      <Tile
        name={t('success')}
        value={total.jobs === 0 ? '–' : `${format.number((total.success / total.jobs) * 100, 1)} %`}
      />
      <Tile name={t('rows')} value={format.number(total.rows)}>
        {t('rejected')}: {format.number(total.rejected)}
      </Tile>
      <Tile name={t('queue')} value={<Link href="/cargas?status=queued">{format.number(inQueue)}</Link>}>
        {[
          t('running', { count: queue.running }),
          queue.delayed > 0 ? t('delayed', { count: queue.delayed }) : null,
          queue.oldestMs !== null && queue.oldestMs > 0 ? t('oldest', { time: format.duration(queue.oldestMs) }) : null,
        ]
          .filter(Boolean)
          .join(' · ')}
      </Tile>
      <Tile name={t('workers')} value={format.number(workers.alive)}>
        {workers.alive === 0 ? (
          <span className="flex items-start gap-1.5 text-bad">
            <Icon name="alert" className="mt-0.5" />
            {t('noWorker')}
          </span>
        ) : (
          t('slots', { busy: format.number(workers.busy), slots: format.number(workers.slots) })
        )}
      </Tile>
    </dl>
  );
}

function Tile(props: { name: string; value: ReactNode; children?: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col rounded-box border bg-surface p-4 max-lg:last:col-span-full">
      <dt className="text-muted text-sm">{props.name}</dt>
      <dd className="wrap-anywhere font-semibold text-xl leading-9 sm:text-2xl">{props.value}</dd>
      {props.children ? <dd className="text-muted text-sm">{props.children}</dd> : null}
    </div>
  );
}
