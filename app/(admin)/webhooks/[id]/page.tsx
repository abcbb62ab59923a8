import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { deliveriesQuery, figurasQuery, webhookQuery } from '#lib/api-client/page-queries.ts';
import { Prefetched } from '../../../prefetched.tsx';
import { WebhookView } from './webhook-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('webhooks'))('one') };
}

/** One webhook: its settings, and everything that was sent. */
export default async function WebhookPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { role } = await requirePageSession(`/webhooks/${id}`);
  if (role !== 'admin') return <AdministratorsOnly />;
  return (
    <Prefetched
      ask={(queries, client) => [
        queries.prefetchQuery(webhookQuery(client, id)),
        queries.prefetchInfiniteQuery(deliveriesQuery(client, id)),
        queries.prefetchQuery(figurasQuery(client)),
      ]}
    >
      <WebhookView id={id} />
    </Prefetched>
  );
}
