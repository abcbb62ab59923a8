import type { Metadata } from 'next';
import { requirePageSession } from '#lib/access/session.ts';
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
  return <FiguraView name={decodeURIComponent(figura)} canImport={role !== 'viewer'} isAdmin={role === 'admin'} />;
}
