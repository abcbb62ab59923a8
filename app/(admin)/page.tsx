import { redirect } from 'next/navigation';
import { HOME_PATH } from '#components/access/own-path.ts';
import { requirePageSession } from '#lib/access/session.ts';

/** The entrance: most people come to import. */
export default async function HomePage() {
  await requirePageSession('/');
  redirect(HOME_PATH);
}
