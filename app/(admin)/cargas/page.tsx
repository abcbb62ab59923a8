import type { Metadata } from 'next';
import { getTimeZone, getTranslations } from 'next-intl/server';
import { ButtonLink } from '#components/ui/button.tsx';
import { PageHeading } from '#components/ui/card.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { figurasQuery, jobAuthorsQuery, jobListQuery } from '#lib/api-client/page-queries.ts';
import { type PageSearch, Prefetched, searchOf } from '../../prefetched.tsx';
import { readJobListQuestion } from './job-list-question.ts';
import { JobsView } from './jobs-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('jobs'))('title') };
}

/** Every job one may see. */
export default async function JobsPage({ searchParams }: { searchParams: PageSearch }) {
  const [{ role }, t, search, timeZone] = await Promise.all([
    requirePageSession('/cargas'),
    getTranslations('jobs'),
    searchOf(searchParams),
    getTimeZone(),
  ]);
  const canAct = role !== 'viewer';
  const { filters } = readJobListQuestion(search, timeZone);
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
      <Prefetched
        ask={(queries, client) => [
          queries.prefetchQuery(jobListQuery(client, filters)),
          queries.prefetchQuery(figurasQuery(client)),
          queries.prefetchQuery(jobAuthorsQuery(client)),
        ]}
      >
        <JobsView canAct={canAct} />
      </Prefetched>
    </>
  );
}
