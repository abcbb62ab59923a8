import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { PageHeading } from '#components/ui/card.tsx';
import { EmptyState } from '#components/ui/empty-state.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { figurasQuery } from '#lib/api-client/page-queries.ts';
import { Prefetched } from '../../prefetched.tsx';
import { ImportView } from './import-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('upload'))('title') };
}

/** From a file to a job. */
export default async function ImportPage() {
  const [{ role }, t] = await Promise.all([requirePageSession('/importar'), getTranslations('upload')]);
  return (
    <>
      <PageHeading title={t('title')} lead={t('lead')} />
      {role === 'viewer' ? (
        <EmptyState icon="stop" title={t('viewer')} lead={t('viewerLead')} />
      ) : (
        <Prefetched ask={(queries, client) => [queries.prefetchQuery(figurasQuery(client))]}>
          <ImportView isAdmin={role === 'admin'} />
        </Prefetched>
      )}
    </>
  );
}
