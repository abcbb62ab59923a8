import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { requirePageSession } from '#lib/access/session.ts';
import { OverviewView } from './overview-view.tsx';

/** Title of the tab. */
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('overview'))('title') };
}

/** How things are going, at a glance. */
export default async function OverviewPage() {
  await requirePageSession('/visao-geral');
  return <OverviewView />;
}
