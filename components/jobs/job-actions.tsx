'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import type { JobDto } from '#lib/api/schemas.ts';

export type JobAction = 'cancel' | 'retry' | 'again';

/** What can be done with a job now. Each button says beside it what it does to the data. */
export function JobActions(props: { job: JobDto; busyWith: JobAction | null; onAction: (action: JobAction) => void }) {
  const t = useTranslations('job.actions');
  const [isAsking, setIsAsking] = useState(false);
  const { job, busyWith, onAction } = props;
  const isOpen = job.status === 'queued' || job.status === 'processing';
  if (isOpen) {
    return (
      <>
        <Button look="danger" isBusy={busyWith === 'cancel'} onClick={() => setIsAsking(true)}>
          {t('cancel')}
        </Button>
        <Dialog title={t('cancelTitle')} isOpen={isAsking} onClose={() => setIsAsking(false)}>
          <p>{t('cancelEffect')}</p>
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <Button onClick={() => setIsAsking(false)}>{t('keep')}</Button>
            <Button
              look="danger"
              onClick={() => {
                setIsAsking(false);
                onAction('cancel');
              }}
            >
              {t('cancel')}
            </Button>
          </div>
        </Dialog>
      </>
    );
  }
  const action = job.status === 'error' ? 'retry' : 'again';
  return (
    <div className="grid max-w-xs justify-items-start gap-1 sm:justify-items-end">
      <Button icon="again" isBusy={busyWith === action} onClick={() => onAction(action)}>
        {t(action)}
      </Button>
      <p className="text-muted text-sm sm:text-right">{t(`${action}Effect`)}</p>
    </div>
  );
}
