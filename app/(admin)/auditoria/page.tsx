import type { Metadata } from 'next';
import { getTimeZone, getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { PageHeading } from '#components/ui/card.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { auditQuery } from '#lib/api-client/page-queries.ts';
import { type PageSearch, Prefetched, searchOf } from '../../prefetched.tsx';
import { readAuditQuestion } from './audit-question.ts';
import { AuditView } from './audit-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('audit'))('title') };
}

/** Who changed what. */
export default async function AuditPage({ searchParams }: { searchParams: PageSearch }) {
  const [{ role }, t, search, timeZone] = await Promise.all([
    requirePageSession('/auditoria'),
    getTranslations('audit'),
    searchOf(searchParams),
    getTimeZone(),
  ]);
  if (role !== 'admin') return <AdministratorsOnly />;
  const { filters } = readAuditQuestion(search, timeZone);
  return (
    <>
      <PageHeading title={t('title')} lead={t('lead')} />
      <Prefetched ask={(queries, client) => [queries.prefetchInfiniteQuery(auditQuery(client, filters))]}>
        <AuditView />
      </Prefetched>
    </>
  );
}
