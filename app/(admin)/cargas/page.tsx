import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ButtonLink } from '#components/ui/button.tsx';
import { PageHeading } from '#components/ui/card.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { JobsView } from './jobs-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('jobs'))('title') };
}

/** Every job one may see. */
export default async function JobsPage() {
  const [{ role }, t] = await Promise.all([requirePageSession('/cargas'), getTranslations('jobs')]);
  const canAct = role !== 'viewer';
  return (
    <>
      <PageHeading
        title={t('title')}
        lead={t('lead')}
        action={
          canAct ? (
            <ButtonLink look="primary" icon="upload" href="/importar">
              {t('importFile')}
            </ButtonLink>
          ) : null
        }
      />
      <JobsView canAct={canAct} />
    </>
  );
}
