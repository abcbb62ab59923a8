import 'server-only';
import type { z } from 'zod';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import { hashPassword, verifyPassword } from '../access/password.ts';
import { countTry } from '../access/rate-limit.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { changeProfileSchema, userSchema } from './access-schemas.ts';
import { toUserDto } from './users.ts';

/**
 * Changes a person's own name or password. A new password ends every session, the one that asks included; the present
 * one is asked for and tries with it are counted as those to log in.
 * @throws AppError `forbidden` for keys, `wrong_password`, `too_many_attempts`
 */
export async function changeProfile(
  { prisma, limits }: Services,
  caller: Caller,
  request: z.infer<typeof changeProfileSchema>,
): Promise<z.infer<typeof userSchema>> {
  if (caller.kind !== 'user') throw new AppError('forbidden', 'a key has no profile');
  const before = await prisma.user.findUniqueOrThrow({ where: { id: caller.id } });
  let passwordHash: string | undefined;
  if (request.newPassword !== undefined) {
    const counted = await countTry(limits, before.email, caller.address ?? null);
    if (!(await verifyPassword(request.currentPassword ?? '', before.passwordHash))) {
      throw new AppError('wrong_password', `user ${caller.id} gave a wrong password`);
    }
    await counted.succeed();
    passwordHash = await hashPassword(request.newPassword);
  }
  return prisma.$transaction(async (tx) => {
    const user = await tx.user.update({
      where: { id: caller.id },
      data: {
        name: request.name,
        passwordHash,
        ...(passwordHash === undefined ? {} : { sessionVersion: { increment: 1 } }),
        updatedAt: new Date(),
      },
    });
    if (passwordHash !== undefined) await tx.accessLink.deleteMany({ where: { userId: caller.id } });
    await recordAudit(tx, caller, {
      action: 'profile.changed',
      target: `user:${user.email}`,
      before: { name: before.name },
      after: { name: user.name, hasNewPassword: passwordHash !== undefined },
    });
    return toUserDto(user);
  });
}
