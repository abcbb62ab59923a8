import type { Metadata } from 'next';
import { getTimeZone, getTranslations } from 'next-intl/server';
import { requirePageSession } from '#lib/access/session.ts';
import { overviewQuery } from '#lib/api-client/page-queries.ts';
import { dayOf } from '#lib/i18n/zoned-days.ts';
import { type PageSearch, Prefetched, searchOf } from '../../prefetched.tsx';
import { readOverviewPeriod } from './overview-period.ts';
import { OverviewView } from './overview-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('overview'))('title') };
}

/** How things are going, at a glance. */
export default async function OverviewPage({ searchParams }: { searchParams: PageSearch }) {
  const [timeZone, search] = await Promise.all([
    getTimeZone(),
    searchOf(searchParams),
    requirePageSession('/visao-geral'),
  ]);
  const { period } = readOverviewPeriod(search, dayOf(Date.now(), timeZone), timeZone);
  return (
    <Prefetched ask={(queries, client) => [queries.prefetchQuery(overviewQuery(client, period))]}>
      <OverviewView />
    </Prefetched>
  );
}
