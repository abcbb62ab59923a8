'use client';

import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type AbstractIntlMessages, NextIntlClientProvider } from 'next-intl';
import { type ReactNode, useState } from 'react';
import { noticeSessionOver } from '#components/access/session-over-event.ts';
import { ToastProvider } from '#components/ui/toast.tsx';
import type { Locale } from '#lib/i18n/locales.ts';

/** What every page of the browser shares: language, query cache, toasts. */
export function Providers(props: { locale: Locale; messages: AbstractIntlMessages; children: ReactNode }) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        queryCache: new QueryCache({ onError: noticeSessionOver }),
        mutationCache: new MutationCache({ onError: noticeSessionOver }),
        defaultOptions: {
          // The API client repeats what may be repeated; a second layer would only make faults show later.
          queries: { retry: false, staleTime: 2000 },
          mutations: { retry: false },
        },
      }),
  );
  return (
    <NextIntlClientProvider locale={props.locale} messages={props.messages} timeZone="America/Sao_Paulo">
      <QueryClientProvider client={queryClient}>
        <ToastProvider>{props.children}</ToastProvider>
      </QueryClientProvider>
    </NextIntlClientProvider>
  );
}
