import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { PageHeading } from '#components/ui/card.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { AuditView } from './audit-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('audit'))('title') };
}

/** Who changed what. */
export default async function AuditPage() {
  const [{ role }, t] = await Promise.all([requirePageSession('/auditoria'), getTranslations('audit')]);
  if (role !== 'admin') return <AdministratorsOnly />;
  return (
    <>
      <PageHeading title={t('title')} lead={t('lead')} />
      <AuditView />
    </>
  );
}
