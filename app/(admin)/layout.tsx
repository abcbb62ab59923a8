import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { AppShell } from '#components/shell/app-shell.tsx';
import { THEME_COOKIE } from '#components/shell/theme.ts';
import { readSession } from '#lib/access/session.ts';

/** The shell around the pages. Each page asks for the session again: a layout does not guard what it surrounds. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  const [user, jar] = await Promise.all([readSession(), cookies()]);
  // Without a session the page itself sends the visitor to log in, and back to where they were going.
  if (!user) return children;
  const { name, email, role } = user;
  return (
    <AppShell user={{ name, email, role }} theme={jar.get(THEME_COOKIE)?.value ?? null}>
      {children}
    </AppShell>
  );
}
