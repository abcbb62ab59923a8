import type { Metadata } from 'next';
import { requirePageSession } from '#lib/access/session.ts';
import { figuraQuery, keysQuery, rowCountQuery, usersQuery } from '#lib/api-client/page-queries.ts';
import { Prefetched } from '../../../prefetched.tsx';
import { FiguraView } from './figura-view.tsx';

interface FiguraPageProps {
  params: Promise<{ figura: string }>;
}

/** Title of the tab: the figura's name. */
export async function generateMetadata({ params }: FiguraPageProps): Promise<Metadata> {
  return { title: decodeURIComponent((await params).figura) };
}

/** One figura. */
export default async function FiguraPage({ params }: FiguraPageProps) {
  const { figura } = await params;
  const { role } = await requirePageSession(`/figuras/${figura}`);
  const name = decodeURIComponent(figura);
  const isAdmin = role === 'admin';
  return (
    <Prefetched
      ask={(queries, client) => [
        queries.prefetchQuery(figuraQuery(client, name)),
        queries.prefetchQuery(rowCountQuery(client, name, false)),
        ...(isAdmin ? [queries.prefetchQuery(usersQuery(client)), queries.prefetchQuery(keysQuery(client))] : []),
      ]}
    >
      <FiguraView name={name} canImport={role !== 'viewer'} isAdmin={isAdmin} />
    </Prefetched>
  );
}
