'use client';

import { useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { Icon } from '#components/ui/icon.tsx';
import { Moment } from '#components/ui/moment.tsx';
import { Cell, HeadCell, Row, Table } from '#components/ui/table.tsx';
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
        <Table caption={t('tiles.workers')}>
          <thead>
            <tr>
              <HeadCell>{t('worker')}</HeadCell>
              <HeadCell isNumber>{t('workerLoad')}</HeadCell>
              <HeadCell>{t('since')}</HeadCell>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => (
              <Row key={worker.name}>
                <Cell className="wrap-anywhere">{worker.name}</Cell>
                <Cell isNumber className="whitespace-nowrap">
                  {t('workerOf', { running: worker.running, slots: worker.concurrency })}
                </Cell>
                <Cell>
                  <Moment at={worker.startedAt} />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}
