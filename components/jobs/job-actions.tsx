'use client';

import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { Button, ButtonLink } from '#components/ui/button.tsx';
import { ConfirmDialog } from '#components/ui/dialog.tsx';
import type { JobDto } from '#lib/api/schemas.ts';

export type JobAction = 'cancel' | 'retry' | 'again' | 'real';

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
        <ConfirmDialog
          isOpen={isAsking}
          title={t('cancelTitle')}
          text={t('cancelEffect')}
          confirm={t('cancel')}
          keep={t('keep')}
          onClose={() => setIsAsking(false)}
          onConfirm={() => onAction('cancel')}
        />
      </>
    );
  }
  if (job.dryRun && job.status === 'complete') {
    return (
      <div className="grid max-w-xs justify-items-start gap-1 sm:justify-items-end">
        <Button look="primary" icon="upload" isBusy={busyWith === 'real'} onClick={() => onAction('real')}>
          {t('real')}
        </Button>
        <p className="text-muted text-sm sm:text-right">{t('realEffect')}</p>
      </div>
    );
  }
  const action = job.status === 'error' ? 'retry' : 'again';
  return (
    <div className="grid max-w-xs justify-items-start gap-1 sm:justify-items-end">
      {isForTheFile(job) ? (
        <ButtonLink look="primary" icon="upload" href={`/importar?figura=${job.figura}`} className="mb-2">
          {t('mended')}
        </ButtonLink>
      ) : null}
      <Button icon="again" isBusy={busyWith === action} onClick={() => onAction(action)}>
        {t(action)}
      </Button>
      <p className="text-muted text-sm sm:text-right">{t(`${action}Effect`)}</p>
    </div>
  );
}

/** Whether rows of the file are why the job failed: read again as it is, it most often fails again. */
function isForTheFile({ error }: JobDto): boolean {
  return error?.code === 'rejected_rows' || error?.code === 'too_many_errors';
}
