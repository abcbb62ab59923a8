import 'server-only';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { getServerSession } from 'next-auth';
import { cache } from 'react';
import { getServices } from '../services.ts';
import { authOptions } from './auth-options.ts';
import type { Caller, Role } from './caller.ts';
import { PAGE_QUERY_HEADER } from './page-query.ts';

/** A person with a valid session. */
export interface SessionUser {
  id: string;
  name: string;
  email: string;
  role: Role;
  figuras: string[];
  /** false: they come in by the identity provider only. */
  hasPassword: boolean;
  sessionVersion: number;
  sessionId: string;
}

/**
 * The person behind the request's cookie, as the database knows them now; null without a valid session. Looked up once
 * for all that one page asks.
 */
export const readSession = cache(async (): Promise<SessionUser | null> => {
  const session = await getServerSession(authOptions());
  if (!session?.userId || !session.sessionId) return null;
  const { prisma } = getServices();
  const [user, ended] = await Promise.all([
    prisma.user.findUnique({ where: { id: session.userId } }),
    prisma.endedSession.findUnique({ where: { id: session.sessionId } }),
  ]);
  if (ended) return null;
  // Disabled, demoted or with a new password: the version moved on and the old cookie is worth nothing.
  if (!user || user.disabledAt || user.sessionVersion !== session.sessionVersion) return null;
  const { id, name, email, role, figuras, sessionVersion } = user;
  return {
    id,
    name,
    email,
    role,
    figuras,
    sessionVersion,
    sessionId: session.sessionId,
    hasPassword: user.passwordHash !== null,
  };
});

/** The person looking at the page of this path; sends everybody else to the login page, which leads back. */
export async function requirePageSession(path: string): Promise<SessionUser> {
  const user = await readSession();
  if (user) return user;
  const query = (await headers()).get(PAGE_QUERY_HEADER) ?? '';
  redirect(`/login?callbackUrl=${encodeURIComponent(path + query)}`);
}

/** A session's person as a caller. */
export function callerOf(user: SessionUser): Caller {
  const { id, name, role, figuras, sessionVersion, sessionId } = user;
  return { kind: 'user', id, name, role, figuras, sessionVersion, sessionId };
}
