'use client';

import { useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { Icon } from '#components/ui/icon.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { RecordTable } from '#components/ui/record-table.tsx';
import { useFormats } from '#components/use-formats.ts';
import type { OverviewDto } from '#lib/api/insight-schemas.ts';

/** Database, bucket and workers, for administrators. */
export function SystemState({ system }: { system: NonNullable<OverviewDto['system']> }) {
  const t = useTranslations('overview');
  const format = useFormats();
  const { database, bucket, workers } = system;
  return (
    <Card title={t('system')}>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <dl className="grid gap-x-4 gap-y-2 sm:grid-cols-[9rem_1fr]">
          <dt className="text-muted">{t('database')}</dt>
          <dd className="wrap-anywhere">
            {t('databaseFacts', {
              version: database.version,
              size: format.bytes(database.sizeBytes),
              sessions: database.sessions,
            })}
          </dd>
          <dt className="text-muted">{t('bucket')}</dt>
          <dd className={bucket.isReachable ? 'wrap-anywhere' : 'wrap-anywhere text-bad'}>
            <Icon name={bucket.isReachable ? 'check' : 'alert'} className="mr-1 inline" />
            {t(bucket.isReachable ? 'bucketFine' : 'bucketAway', { name: bucket.name })}
          </dd>
        </dl>
        <RecordTable
          caption={t('tiles.workers')}
          items={workers}
          keyOf={({ name }) => name}
          columns={[
            { head: t('worker'), className: 'wrap-anywhere', cell: ({ name }) => name },
            {
              head: t('workerLoad'),
              isNumber: true,
              className: 'whitespace-nowrap',
              cell: ({ running, concurrency }) => t('workerOf', { running, slots: concurrency }),
            },
            { head: t('since'), from: 'sm', cell: ({ startedAt }) => <Moment at={startedAt} /> },
          ]}
        />
      </div>
    </Card>
  );
}
