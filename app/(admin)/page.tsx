import { redirect } from 'next/navigation';
import { requirePageSession } from '#lib/access/session.ts';

/** The entrance: administrators look how things are going, others come to import. */
export default async function HomePage() {
  const { role } = await requirePageSession('/');
  redirect(role === 'admin' ? '/visao-geral' : '/importar');
}
