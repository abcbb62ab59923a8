import { randomUUID } from 'node:crypto';
import type { Prisma, PrismaClient, User } from '../db/generated/client.ts';
import type { WebEnv } from '../env.ts';
import { recordAudit } from './audit.ts';
import type { Role } from './caller.ts';
import { ADMINISTRATORS_LOCK } from './first-administrator.ts';
import { readClaim } from './read-claim.ts';

/** As many as the people's page and the API take. */
const MAX_FIGURAS = 1000;

/** What an identity provider says of somebody, as far as it counts here. */
export interface Identity {
  issuer: string;
  subject: string;
  /** Lower case; null unless the provider has verified it. */
  email: string | null;
  name: string;
  /** What the provider decides of a person's rights; nothing where the settings do not ask it. */
  rights: { role?: Role; figuras?: string[] };
}

/** Reads the provider's claims: an e-mail address that nobody verified is no address. */
export function readIdentity(
  claims: Record<string, unknown>,
  env: Pick<WebEnv, 'OIDC_TRUST_EMAIL' | 'OIDC_ISSUER' | 'OIDC_ROLE_CLAIM' | 'OIDC_ROLES' | 'OIDC_FIGURAS_CLAIM'>,
): Identity {
  const text = (value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '').trim() : '');
  // Some providers write the word.
  const isVerified = claims.email_verified === true || claims.email_verified === 'true' || env.OIDC_TRUST_EMAIL;
  const email = text(claims.email).toLowerCase();
  return {
    issuer: text(claims.iss) || (env.OIDC_ISSUER as string),
    subject: text(claims.sub),
    email: isVerified && /^[^\s@]+@[^\s@]+$/.test(email) ? email.slice(0, 254) : null,
    name: (text(claims.name) || text(claims.preferred_username) || email || text(claims.sub)).slice(0, 200),
    rights: readRights(claims, env),
  };
}

const ROLES = ['admin', 'operator', 'viewer'] as const satisfies Role[];

/** The highest role that a value of the claim stands for, and the figuras that are named: without them, viewer and none. */
function readRights(
  claims: Record<string, unknown>,
  env: Pick<WebEnv, 'OIDC_ROLE_CLAIM' | 'OIDC_ROLES' | 'OIDC_FIGURAS_CLAIM'>,
): Identity['rights'] {
  const valuesOf = (name: string) => [readClaim(claims, name)].flat().filter((value) => typeof value === 'string');
  const rights: Identity['rights'] = {};
  if (env.OIDC_ROLE_CLAIM !== undefined) {
    const values = valuesOf(env.OIDC_ROLE_CLAIM);
    const given = env.OIDC_ROLES.filter(({ name }) => values.includes(name)).map(({ role }) => role);
    rights.role = ROLES.find((role) => given.includes(role)) ?? 'viewer';
  }
  if (env.OIDC_FIGURAS_CLAIM !== undefined) {
    const names = valuesOf(env.OIDC_FIGURAS_CLAIM).filter((name) => /^(?:\*|[a-z][a-z0-9_]{0,62})$/.test(name));
    rights.figuras = [...new Set(names)].sort().slice(0, MAX_FIGURAS);
  }
  return rights;
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
    const rights = await followRights(tx, user, identity.rights);
    const now = await tx.user.update({ where: { id: user.id }, data: { ...rights, lastLoginAt: new Date() } });
    await recordAudit(
      tx,
      { kind: 'user', id: user.id, name: user.name, address },
      { action: 'session.started', target: `user:${user.email}`, after: { issuer: identity.issuer } },
    );
    return now;
  });
}

/**
 * What changes of a person because their provider says so. Another role ends their sessions elsewhere, as if an
 * administrator had given it; the last administrator stays one, or nobody could mend a wrong setting.
 */
async function followRights(
  tx: Prisma.TransactionClient,
  user: User,
  told: Identity['rights'],
): Promise<Prisma.UserUpdateInput> {
  const role = told.role ?? user.role;
  const figuras = told.figuras ?? user.figuras;
  const isRoleNew = role !== user.role;
  if (!isRoleNew && figuras.join() === user.figuras.join()) return {};
  if (isRoleNew && user.role === 'admin') {
    await tx.$executeRaw`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK}::int, 0)`;
    const others = await tx.user.count({ where: { role: 'admin', disabledAt: null, id: { not: user.id } } });
    if (others === 0) return {};
  }
  await recordAudit(tx, 'system', {
    action: 'user.changed',
    target: `user:${user.email}`,
    before: { role: user.role, figuras: user.figuras },
    after: { role, figuras },
  });
  return { role, figuras, ...(isRoleNew ? { sessionVersion: { increment: 1 } } : {}) };
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
