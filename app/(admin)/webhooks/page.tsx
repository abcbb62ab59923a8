import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { figurasQuery, webhooksQuery } from '#lib/api-client/page-queries.ts';
import { Prefetched } from '../../prefetched.tsx';
import { WebhooksView } from './webhooks-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('webhooks'))('title') };
}

/** Who is told when jobs end. */
export default async function WebhooksPage() {
  const { role } = await requirePageSession('/webhooks');
  if (role !== 'admin') return <AdministratorsOnly />;
  return (
    <Prefetched
      ask={(queries, client) => [
        queries.prefetchQuery(webhooksQuery(client)),
        queries.prefetchQuery(figurasQuery(client)),
      ]}
    >
      <WebhooksView />
    </Prefetched>
  );
}
