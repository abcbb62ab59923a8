import { randomUUID } from 'node:crypto';
import type { Prisma, PrismaClient, User } from '../db/generated/client.ts';
import type { WebEnv } from '../env.ts';
import { recordAudit } from './audit.ts';

/** What an identity provider says of somebody, as far as it counts here. */
export interface Identity {
  issuer: string;
  subject: string;
  /** Lower case; null unless the provider has verified it. */
  email: string | null;
  name: string;
}

/** Reads the provider's claims: an e-mail address that nobody verified is no address. */
export function readIdentity(
  claims: Record<string, unknown>,
  { OIDC_TRUST_EMAIL, OIDC_ISSUER }: Pick<WebEnv, 'OIDC_TRUST_EMAIL' | 'OIDC_ISSUER'>,
): Identity {
  const text = (value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '').trim() : '');
  // Some providers write the word.
  const isVerified = claims.email_verified === true || claims.email_verified === 'true' || OIDC_TRUST_EMAIL;
  const email = text(claims.email).toLowerCase();
  return {
    issuer: text(claims.iss) || (OIDC_ISSUER as string),
    subject: text(claims.sub),
    email: isVerified && /^[^\s@]+@[^\s@]+$/.test(email) ? email.slice(0, 254) : null,
    name: (text(claims.name) || text(claims.preferred_username) || email || text(claims.sub)).slice(0, 200),
  };
}

/**
 * The person behind an identity: by issuer and subject; the first time by the verified e-mail of somebody who is known
 * here; else a new viewer without figuras, where the e-mail's domain is one of those allowed. Null for everybody else.
 */
export async function admitIdentity(
  prisma: PrismaClient,
  identity: Identity,
  allowedDomains: readonly string[],
  address: string | null,
): Promise<User | null> {
  if (identity.subject === '') return null;
  return prisma.$transaction(async (tx) => {
    // Two log-ins of a new person at once make one person.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`${identity.issuer}\n${identity.subject}`}, 0))`;
    const user = await findOrMake(tx, identity, allowedDomains);
    if (!user || user.disabledAt) return null;
    const now = await tx.user.update({ where: { id: user.id }, data: { lastLoginAt: new Date() } });
    await recordAudit(
      tx,
      { kind: 'user', id: user.id, name: user.name, address },
      { action: 'session.started', target: `user:${user.email}`, after: { issuer: identity.issuer } },
    );
    return now;
  });
}

async function findOrMake(
  tx: Prisma.TransactionClient,
  { issuer, subject, email, name }: Identity,
  allowedDomains: readonly string[],
): Promise<User | null> {
  const known = await tx.identity.findUnique({
    where: { issuer_subject: { issuer, subject } },
    include: { user: true },
  });
  if (known) return known.user;
  if (email === null) return null;
  const byEmail = await tx.user.findUnique({ where: { email }, include: { identities: { where: { issuer } } } });
  // Whose address went to somebody else at the provider keeps the account; the newcomer is not let into it.
  if (byEmail && (byEmail.disabledAt || byEmail.identities.length > 0)) return null;
  if (!byEmail && !allowedDomains.some((domain) => email.endsWith(`@${domain.toLowerCase()}`))) return null;
  const user =
    byEmail ?? (await tx.user.create({ data: { id: randomUUID(), email, name, role: 'viewer', figuras: [] } }));
  await tx.identity.create({ data: { issuer, subject, userId: user.id } });
  // An invitation is answered by coming in.
  await tx.accessLink.deleteMany({ where: { userId: user.id } });
  await recordAudit(tx, 'system', {
    action: byEmail ? 'user.linked' : 'user.created',
    target: `user:${email}`,
    after: { issuer, ...(byEmail ? {} : { role: 'viewer', figuras: [] }) },
  });
  return user;
}
