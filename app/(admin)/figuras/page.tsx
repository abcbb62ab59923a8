import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageSession } from '#lib/access/session.ts';
import { figurasQuery } from '#lib/api-client/page-queries.ts';
import { Prefetched } from '../../prefetched.tsx';
import { FigurasView } from './figuras-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('figuras'))('title') };
}

/** What can be loaded. */
export default async function FigurasPage() {
  const { role } = await requirePageSession('/figuras');
  return (
    <Prefetched ask={(queries, client) => [queries.prefetchQuery(figurasQuery(client))]}>
      <FigurasView isAdmin={role === 'admin'} canImport={role !== 'viewer'} />
    </Prefetched>
  );
}
