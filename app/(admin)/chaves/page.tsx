import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { KeysView } from './keys-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('keys'))('title') };
}

/** The API keys. */
export default async function KeysPage() {
  const { role } = await requirePageSession('/chaves');
  return role === 'admin' ? <KeysView /> : <AdministratorsOnly />;
}
