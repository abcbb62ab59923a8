import 'server-only';
import type { z } from 'zod';
import { findAccessLink, makeAccessLink, takeAccessLink } from '../access/access-link.ts';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import { hashPassword } from '../access/password.ts';
import { countTry } from '../access/rate-limit.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { acceptAccessLinkSchema, accessLinkHolderSchema, accessLinkSchema } from './access-schemas.ts';
import { isUuid } from './paging.ts';

/** Page that takes the token. It stands behind `#`: what follows that is never sent, so no log and no proxy sees it. */
const PAGE = '/acesso';

/** What tries with links are counted under, beside the address they come from. */
const COUNTED_AS = 'access-link';

/**
 * Makes the link by which a person chooses a password: an invitation, or the way back of who forgot it.
 * @throws AppError `user_not_found`, `user_disabled`
 */
export async function createAccessLink(
  { prisma, env }: Services,
  caller: Caller,
  userId: string,
): Promise<z.infer<typeof accessLinkSchema>> {
  return prisma.$transaction(async (tx) => {
    const user = isUuid(userId) ? await tx.user.findUnique({ where: { id: userId } }) : null;
    if (!user) throw new AppError('user_not_found', `no user ${userId}`, { details: { id: userId } });
    if (user.disabledAt) throw new AppError('user_disabled', `user ${userId} is disabled`);
    const { token, expiresAt } = await makeAccessLink(tx, userId);
    await recordAudit(tx, caller, {
      action: 'user.link_created',
      target: `user:${user.email}`,
      after: { expiresAt: expiresAt.toISOString() },
    });
    return { url: `${env.PUBLIC_URL}${PAGE}#${token}`, expiresAt: expiresAt.toISOString() };
  });
}

/** Whoever tries links that there are not, or no more, stands in the audit: it may be a guess. */
async function findLinkOfSomebody(prisma: Services['prisma'], token: string, address: string | null) {
  try {
    return await findAccessLink(prisma, token);
  } catch (error) {
    if (error instanceof AppError) {
      const nobody = { kind: 'user', id: null, name: '?', address } as const;
      await recordAudit(prisma, nobody, { action: 'user.link_tried', target: 'user:?', refusal: error.code });
    }
    throw error;
  }
}

/** Whose link it is, for the page that asks for a password. @throws AppError `access_link_not_found`, `too_many_attempts` */
export async function inspectAccessLink(
  { prisma, limits }: Services,
  token: string,
  address: string | null,
): Promise<z.infer<typeof accessLinkHolderSchema>> {
  const counted = await countTry(limits, COUNTED_AS, address);
  const { user, expiresAt } = await findLinkOfSomebody(prisma, token, address);
  await counted.succeed();
  return {
    email: user.email,
    name: user.name,
    isInvitation: user.passwordHash === null,
    expiresAt: expiresAt.toISOString(),
  };
}

/**
 * Sets the password of a link's person and uses the link up; their sessions end.
 * @throws AppError `access_link_not_found`, `too_many_attempts`
 */
export async function acceptAccessLink(
  { prisma, limits }: Services,
  request: z.infer<typeof acceptAccessLinkSchema>,
  address: string | null,
): Promise<void> {
  const counted = await countTry(limits, COUNTED_AS, address);
  // Before the password is hashed: that is work which nobody without a link can ask for.
  await findLinkOfSomebody(prisma, request.token, address);
  const passwordHash = await hashPassword(request.password);
  await prisma.$transaction(async (tx) => {
    const { id, email, name: known, passwordHash: before } = await takeAccessLink(tx, request.token);
    const name = request.name ?? known;
    await tx.user.update({
      where: { id },
      data: { name, passwordHash, sessionVersion: { increment: 1 }, updatedAt: new Date() },
    });
    await recordAudit(
      tx,
      { kind: 'user', id, name, address },
      { action: before === null ? 'user.joined' : 'user.password_reset', target: `user:${email}` },
    );
  });
  await counted.succeed();
}
