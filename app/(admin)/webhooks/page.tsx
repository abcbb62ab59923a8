import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { WebhooksView } from './webhooks-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('webhooks'))('title') };
}

/** Who is told when jobs end. */
export default async function WebhooksPage() {
  const { role } = await requirePageSession('/webhooks');
  return role === 'admin' ? <WebhooksView /> : <AdministratorsOnly />;
}
