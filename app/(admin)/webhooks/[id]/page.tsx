import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { WebhookView } from './webhook-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('webhooks'))('one') };
}

/** One webhook: its settings, and everything that was sent. */
export default async function WebhookPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { role } = await requirePageSession(`/webhooks/${id}`);
  return role === 'admin' ? <WebhookView id={id} /> : <AdministratorsOnly />;
}
