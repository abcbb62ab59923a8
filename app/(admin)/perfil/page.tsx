import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageSession } from '#lib/access/session.ts';
import { ProfileView } from './profile-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('profile'))('title') };
}

/** One's own name and password. */
export default async function ProfilePage() {
  const { name, email, hasPassword } = await requirePageSession('/perfil');
  return <ProfileView name={name} email={email} hasPassword={hasPassword} />;
}
