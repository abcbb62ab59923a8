import { createHash, randomBytes } from 'node:crypto';
import type { AccessLink, Prisma, PrismaClient, User } from '../db/generated/client.ts';
import { AppError } from '../errors.ts';

// Three days: a link sent on a Friday still opens on Monday.
const LIFETIME_MS = 72 * 60 * 60 * 1000;
// 256 bits, as in an API key: nobody guesses it, a hash without salt is enough.
const TOKEN_BYTES = 32;

type Db = Pick<PrismaClient, 'accessLink'> | Prisma.TransactionClient;

const hashOf = (token: string) => new Uint8Array(createHash('sha256').update(token).digest());

/** Makes a person's link; one made before opens nothing any more. The token is kept nowhere. */
export async function makeAccessLink(db: Db, userId: string): Promise<{ token: string; expiresAt: Date }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const link = { tokenHash: hashOf(token), expiresAt: new Date(Date.now() + LIFETIME_MS), createdAt: new Date() };
  await db.accessLink.upsert({ where: { userId }, create: { userId, ...link }, update: link });
  return { token, expiresAt: link.expiresAt };
}

/**
 * Whom a token lets in. Unknown, used, replaced, expired, of somebody disabled: the answer is the same.
 * @throws AppError `access_link_not_found`
 */
export async function findAccessLink(db: Db, token: string): Promise<AccessLink & { user: User }> {
  const link = await db.accessLink.findUnique({ where: { tokenHash: hashOf(token) }, include: { user: true } });
  if (!link || link.expiresAt <= new Date() || link.user.disabledAt) {
    throw new AppError('access_link_not_found', 'no such link, or not any more');
  }
  return link;
}

/** Uses a link up. Of two who come at once one succeeds. @throws AppError `access_link_not_found` */
export async function takeAccessLink(tx: Prisma.TransactionClient, token: string): Promise<User> {
  const { user } = await findAccessLink(tx, token);
  const { count } = await tx.accessLink.deleteMany({ where: { tokenHash: hashOf(token) } });
  if (count === 0) throw new AppError('access_link_not_found', 'used a moment ago');
  return user;
}
