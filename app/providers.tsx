'use client';

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type AbstractIntlMessages, NextIntlClientProvider } from 'next-intl';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { noticeSessionOver } from '#components/access/session-over-event.ts';
import { writePreference } from '#components/shell/preference-cookie.ts';
import { ToastProvider } from '#components/ui/toast.tsx';
import type { Locale } from '#lib/i18n/locales.ts';
import { ZONE_COOKIE } from '#lib/i18n/time-zone.ts';

/**
 * What came with the page is not asked for again at once, however long the page took to start; a list that lives asks by
 * itself, and who changes something drops what it changed.
 */
const FRESH_MS = 15_000;

/** What every page of the browser shares: language, zone, query cache, toasts. */
export function Providers(props: {
  locale: Locale;
  messages: AbstractIntlMessages;
  /** The browser's zone as it told the last time; the page is drawn in it first, here as on the server. */
  timeZone: string;
  now: number;
  children: ReactNode;
}) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        queryCache: new QueryCache({ onError: noticeSessionOver }),
        mutationCache: new MutationCache({ onError: noticeSessionOver }),
        defaultOptions: {
          // The API client repeats what may be repeated; a second layer would only make faults show later.
          queries: { retry: false, staleTime: FRESH_MS },
          mutations: { retry: false },
        },
      }),
  );
  const [now] = useState(() => new Date(props.now));
  const timeZone = useSyncExternalStore(neverChanges, zoneHere, () => props.timeZone);
  useEffect(() => {
    if (timeZone !== props.timeZone) writePreference(ZONE_COOKIE, timeZone);
  }, [timeZone, props.timeZone]);
  return (
    <NextIntlClientProvider locale={props.locale} messages={props.messages} timeZone={timeZone} now={now}>
      <QueryClientProvider client={queryClient}>
        <ToastProvider>{props.children}</ToastProvider>
      </QueryClientProvider>
    </NextIntlClientProvider>
  );
}

const neverChanges = () => () => {};
const zoneHere = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;
