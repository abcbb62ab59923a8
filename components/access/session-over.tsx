'use client';

import { useQueryClient } from '@tanstack/react-query';
import { usePathname } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { buttonClass } from '#components/ui/button.tsx';
import { Dialog } from '#components/ui/dialog.tsx';
import { useToast } from '#components/ui/toast.tsx';
import { useApiClient } from '#components/use-api-client.ts';
import { SESSION_OVER_EVENT } from './session-over-event.ts';

/** While the person signs in elsewhere, so often it is asked whether they have. */
const ASK_MS = 3000;

/**
 * Says that the session has ended, over the page as it is: whoever signs in again in another tab goes on here, with all
 * that was typed. Leaving the page for the login would lose it.
 */
export function SessionOver() {
  const t = useTranslations('common');
  const path = usePathname();
  const client = useApiClient();
  const queries = useQueryClient();
  const notify = useToast();
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const open = () => setIsOver(true);
    window.addEventListener(SESSION_OVER_EVENT, open);
    return () => window.removeEventListener(SESSION_OVER_EVENT, open);
  }, []);
  useEffect(() => {
    if (!isOver) return;
    const ask = async () => {
      try {
        await client.listFiguras({ limit: 1 });
      } catch {
        return;
      }
      setIsOver(false);
      notify(t('sessionBack'), 'good');
      void queries.invalidateQueries();
    };
    const timer = setInterval(() => void ask(), ASK_MS);
    return () => clearInterval(timer);
  }, [isOver, client, queries, notify, t]);
  return (
    <Dialog title={t('sessionOver')} isOpen={isOver} onClose={() => setIsOver(false)}>
      <p>{t('sessionOverLead')}</p>
      <div className="mt-5 flex justify-end">
        <a
          href={`/login?callbackUrl=${encodeURIComponent(path)}`}
          target="_blank"
          rel="noreferrer"
          className={buttonClass('primary')}
        >
          {t('signInOtherTab')}
          <span className="sr-only"> ({t('newTab')})</span>
        </a>
      </div>
    </Dialog>
  );
}
