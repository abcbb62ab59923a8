import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageSession } from '#lib/access/session.ts';
import { JobView } from './job-view.tsx';

/** Title of the tab until the job is there; then it shows the progress. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('job'))('title') };
}

/** One job. */
export default async function JobPage({ params }: { params: Promise<{ figura: string; id: string }> }) {
  const { figura, id } = await params;
  const { role } = await requirePageSession(`/cargas/${figura}/${id}`);
  return (
    <JobView key={id} figura={decodeURIComponent(figura)} id={decodeURIComponent(id)} canAct={role !== 'viewer'} />
  );
}
