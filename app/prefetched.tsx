import 'server-only';
import { dehydrate, HydrationBoundary, QueryClient } from '@tanstack/react-query';
import { getLocale } from 'next-intl/server';
import type { ReactNode } from 'react';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import type { Locale } from '#lib/i18n/locales.ts';
import { createOwnClient } from './own-client.ts';

/** A slow question does not hold the page: the browser asks it again, and shows a skeleton meanwhile. */
const PATIENCE_MS = 1000;

/**
 * Sends a part of a page together with the answers to its questions, asked as the person who looks at it. A question
 * without an answer in time, or with a fault for one, is left to the browser.
 */
export async function Prefetched(props: {
  ask: (queries: QueryClient, client: ApiClient) => Promise<void>[];
  children: ReactNode;
}) {
  const queries = new QueryClient();
  await askOwn((client) => Promise.all(props.ask(queries, client)));
  const state = dehydrate(queries);
  void queries.cancelQueries();
  return <HydrationBoundary state={state}>{props.children}</HydrationBoundary>;
}

/** An answer of the service to the page itself; null where there is none in time, or a fault. */
export async function askOwn<T>(ask: (client: ApiClient) => Promise<T>): Promise<T | null> {
  const client = createOwnClient((await getLocale()) as Locale);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), PATIENCE_MS);
  });
  try {
    return await Promise.race([ask(client).catch(() => null), patience]);
  } finally {
    clearTimeout(timer);
  }
}

/** The query of its address as Next hands it to a page. */
export type PageSearch = Promise<Record<string, string | string[] | undefined>>;

/** The query of a page's address as browsers read it. */
export async function searchOf(searchParams: PageSearch): Promise<URLSearchParams> {
  const entries = Object.entries(await searchParams).flatMap(([name, value]) =>
    [value ?? []].flat().map((text) => [name, text] as [string, string]),
  );
  return new URLSearchParams(entries);
}
