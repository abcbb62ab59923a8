import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AccessLinkForm } from '#components/access/access-link-form.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('accessLink'))('title') };
}

/** Where an invitation, or the link of who forgot their password, leads. */
export default function AccessLinkPage() {
  return <AccessLinkForm />;
}
