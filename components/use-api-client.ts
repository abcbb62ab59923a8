'use client';

import { useLocale } from 'next-intl';
import { useMemo } from 'react';
import { type ApiClient, createApiClient } from '#lib/api-client/create-api-client.ts';

/** The service's routes for this page: same origin, the session's cookie, answers in the page's language. */
export function useApiClient(): ApiClient {
  const language = useLocale();
  return useMemo(() => createApiClient({ baseUrl: '', language }), [language]);
}
