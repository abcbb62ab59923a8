'use client';

import { useTranslations } from 'next-intl';
import { useFormats } from '#components/use-formats.ts';
import type { JobDto } from '#lib/api/schemas.ts';

/** Gives the function that says why a job does not move: its place in the queue and the reason. Empty when it moves. */
export function useWaitingText(): (waiting: JobDto['waiting']) => string {
  const t = useTranslations('jobs.waiting');
  const format = useFormats();
  return (waiting) => {
    if (waiting === null) return '';
    const { reason, position, retryAt } = waiting;
    if (reason === 'retry_scheduled')
      return t('reasons.retry_scheduled', { at: retryAt === null ? '' : format.moment(retryAt) });
    if (reason === 'figura_locked' || reason === 'next') return t(`reasons.${reason}`);
    const place = position === null ? t('far') : t('place', { position: format.number(position) });
    return `${place}: ${t(`reasons.${reason}`)}`;
  };
}
