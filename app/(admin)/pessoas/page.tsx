import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { AdministratorsOnly } from '#components/access/administrators-only.tsx';
import { requirePageSession } from '#lib/access/session.ts';
import { figurasQuery, usersQuery } from '#lib/api-client/page-queries.ts';
import { Prefetched } from '../../prefetched.tsx';
import { UsersView } from './users-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('users'))('title') };
}

/** The people who may sign in. */
export default async function UsersPage() {
  const { role } = await requirePageSession('/pessoas');
  if (role !== 'admin') return <AdministratorsOnly />;
  return (
    <Prefetched
      ask={(queries, client) => [
        queries.prefetchQuery(usersQuery(client)),
        queries.prefetchQuery(figurasQuery(client)),
      ]}
    >
      <UsersView />
    </Prefetched>
  );
}
