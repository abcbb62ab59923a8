import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { figurasQuery, keysQuery } from '#lib/api-client/page-queries.ts';
import { Prefetched } from '../../prefetched.tsx';
import { KeysView } from './keys-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('keys'))('title') };
}

/** The API keys. */
export default async function KeysPage() {
  const { role } = await requirePageSession('/chaves');
  if (role !== 'admin') return <AdministratorsOnly />;
  return (
    <Prefetched
      ask={(queries, client) => [queries.prefetchQuery(keysQuery(client)), queries.prefetchQuery(figurasQuery(client))]}
    >
      <KeysView />
    </Prefetched>
  );
}
