'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { ConfirmDialog } from '#components/ui/dialog.tsx';
import type { JobDto } from '#lib/api/schemas.ts';

export type SeveralAction = 'cancel' | 'retry';

/** What can be done with the jobs that are marked: the buttons count them, and a question counts them again. */
export function MarkedJobs(props: {
  jobs: readonly JobDto[];
  busyWith: SeveralAction | null;
  onAction: (action: SeveralAction, jobs: JobDto[]) => void;
  onClear: () => void;
}) {
  const t = useTranslations('jobs');
  const [asked, setAsked] = useState<SeveralAction | null>(null);
  const fit = {
    cancel: props.jobs.filter(({ status }) => status === 'queued' || status === 'processing'),
    retry: props.jobs.filter(({ status }) => status === 'error'),
  };
  return (
    <section
      aria-label={t('selected', { count: props.jobs.length })}
      className="sticky bottom-2 z-20 mt-3 flex flex-wrap items-center gap-2 rounded-box border bg-surface p-3 shadow-pop"
    >
      <p role="status" className="mr-auto font-medium">
        {t('selected', { count: props.jobs.length })}
        {fit.cancel.length + fit.retry.length === 0 ? (
          <span className="block font-normal text-muted text-sm">{t('nothingToDo')}</span>
        ) : null}
      </p>
      {fit.cancel.length > 0 ? (
        <Button isSmall look="danger" isBusy={props.busyWith === 'cancel'} onClick={() => setAsked('cancel')}>
          {t('cancelSeveral', { count: fit.cancel.length })}
        </Button>
      ) : null}
      {fit.retry.length > 0 ? (
        <Button isSmall icon="again" isBusy={props.busyWith === 'retry'} onClick={() => setAsked('retry')}>
          {t('retrySeveral', { count: fit.retry.length })}
        </Button>
      ) : null}
      <Button isSmall look="quiet" onClick={props.onClear}>
        {t('clearSelection')}
      </Button>
      {(['cancel', 'retry'] as const).map((action) => (
        <ConfirmDialog
          key={action}
          isOpen={asked === action}
          title={t(`${action}Title`, { count: fit[action].length })}
          text={t(`${action}Effect`)}
          confirm={t(`${action}Several`, { count: fit[action].length })}
          keep={t('keep')}
          onClose={() => setAsked(null)}
          onConfirm={() => props.onAction(action, fit[action])}
        />
      ))}
    </section>
  );
}
