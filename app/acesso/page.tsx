import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AccessLinkForm } from '#components/access/access-link-form.tsx';
import { EntryFrame } from '#components/access/entry-frame.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('accessLink'))('title') };
}

/** Where an invitation, or the link of who forgot their password, leads. */
export default async function AccessLinkPage() {
  const t = await getTranslations('accessLink');
  return (
    <EntryFrame title={t('title')} lead={t('lead')}>
      <AccessLinkForm />
    </EntryFrame>
  );
}
