'use client';

import { useTranslations } from 'next-intl';
import { Card } from '#components/ui/card.tsx';
import { Moment } from '#components/ui/moment.tsx';
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';

/** What happened to a job, attempt by attempt. */
export function JobEvents({ events }: { events: JobHistoryDto['events'] }) {
  const t = useTranslations('job.history');
  const attempts = Map.groupBy(events, ({ attempt }) => attempt);
  return (
    <Card title={t('title')}>
      <ol className="grid gap-3">
        {[...attempts].map(([attempt, ofAttempt]) => (
          <li key={attempt}>
            {attempt > 0 ? <h3 className="font-medium">{t('attempt', { number: attempt })}</h3> : null}
            <ol className="grid gap-1">
              {ofAttempt.map((event, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: events are only ever added at the end
                <li key={index} className="flex flex-wrap gap-x-2">
                  <span className="text-muted">
                    <Moment at={event.at} isFull />
                  </span>
                  <span>
                    <EventText event={event} />
                  </span>
                </li>
              ))}
            </ol>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function EventText({ event }: { event: JobHistoryDto['events'][number] }) {
  const t = useTranslations('job.history');
  const key = `codes.${event.code}` as 'codes.started';
  return [
    // An event of a later version is shown by its own name rather than not at all.
    t.has(key) ? t(key) : event.code,
    event.by === null ? '' : t('by', { name: event.by }),
    event.worker === null ? '' : t('on', { worker: event.worker }),
    event.reason === null ? '' : t('because', { code: event.reason }),
  ]
    .filter(Boolean)
    .join(' · ');
}
