import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { UsersView } from './users-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('users'))('title') };
}

/** The people who may sign in. */
export default async function UsersPage() {
  const { role } = await requirePageSession('/pessoas');
  return role === 'admin' ? <UsersView /> : <AdministratorsOnly />;
}
