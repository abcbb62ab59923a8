import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageSession } from '#lib/access/session.ts';
import { jobChangesQuery, jobHistoryQuery, jobRowsQuery } from '#lib/api-client/page-queries.ts';
import { isTerminal } from '#lib/job/job-states.ts';
import { askOwn, type PageSearch, Prefetched, searchOf } from '../../../../prefetched.tsx';
import { JobView } from './job-view.tsx';
import { explainedRows, hasSimulatedChanges, readRowsQuestion } from './rows-question.ts';

/** Title of the tab until the job is there; then it shows the progress. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('job'))('title') };
}

/** One job. */
export default async function JobPage({
  params,
  searchParams,
}: {
  params: Promise<{ figura: string; id: string }>;
  searchParams: PageSearch;
}) {
  const place = await params;
  const [{ role }, search] = await Promise.all([
    requirePageSession(`/cargas/${place.figura}/${place.id}`),
    searchOf(searchParams),
  ]);
  const [figura, id] = [decodeURIComponent(place.figura), decodeURIComponent(place.id)];
  const job = await askOwn((client) => client.getJob(figura, id));
  return (
    <Prefetched
      ask={(queries, client) => {
        if (job === null) return [];
        const questions = [queries.prefetchQuery(jobHistoryQuery(client, job))];
        if (hasSimulatedChanges(job)) questions.push(queries.prefetchQuery(jobChangesQuery(client, job)));
        const counts = explainedRows(job);
        if (isTerminal(job.status) && counts.ER + counts.SK > 0) {
          const { filters } = readRowsQuestion(search, counts);
          questions.push(queries.prefetchInfiniteQuery(jobRowsQuery(client, job, filters)));
        }
        return questions;
      }}
    >
      <JobView key={id} figura={figura} id={id} initial={job} canAct={role !== 'viewer'} />
    </Prefetched>
  );
}
