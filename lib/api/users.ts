import 'server-only';
import type { z } from 'zod';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import { ADMINISTRATORS_LOCK } from '../access/first-administrator.ts';
import { hashPassword } from '../access/password.ts';
import type { Prisma, User } from '../db/generated/client.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { changeUserSchema, createUserSchema, userSchema } from './access-schemas.ts';
import { isUuid, newestFirst, type PageRequest } from './paging.ts';

type UserDto = z.infer<typeof userSchema>;

/** A person as the wire carries them. */
export function toUserDto(user: User): UserDto {
  const { id, email, name, role, figuras } = user;
  const time = (value: Date | null) => value?.toISOString() ?? null;
  return {
    id,
    email,
    name,
    role,
    figuras,
    hasPassword: user.passwordHash !== null,
    disabledAt: time(user.disabledAt),
    lastLoginAt: time(user.lastLoginAt),
    createdAt: user.createdAt.toISOString(),
  };
}

/** People, newest first; one more than the limit, to tell whether there is a next page. */
export function listUsers({ prisma }: Services, page: PageRequest): Promise<User[]> {
  return prisma.user.findMany(newestFirst(page));
}

/** Adds a person. @throws AppError `user_exists` */
export async function createUser(
  { prisma }: Services,
  caller: Caller,
  request: z.infer<typeof createUserSchema>,
): Promise<UserDto> {
  const { password, ...person } = request;
  const email = person.email.toLowerCase();
  const passwordHash = password === undefined ? null : await hashPassword(password);
  return prisma.$transaction(async (tx) => {
    if (await tx.user.findUnique({ where: { email } })) {
      throw new AppError('user_exists', `${email} exists`, { details: { email } });
    }
    const user = await tx.user.create({ data: { ...person, email, passwordHash } });
    await recordAudit(tx, caller, {
      action: 'user.created',
      target: `user:${email}`,
      after: { ...person, email, hasPassword: password !== undefined },
    });
    return toUserDto(user);
  });
}

/**
 * Changes a person. Another role, a new password and being disabled raise the version that sessions carry: older
 * cookies are refused from the next request on. @throws AppError `user_not_found`, `last_administrator`
 */
export async function changeUser(
  { prisma }: Services,
  caller: Caller,
  id: string,
  request: z.infer<typeof changeUserSchema>,
): Promise<UserDto> {
  const { password, disabled, ...change } = request;
  const passwordHash = password === undefined ? undefined : await hashPassword(password);
  return prisma.$transaction(async (tx) => {
    // Two administrators who demote each other at the same moment must not both succeed.
    await tx.$executeRaw`select pg_advisory_xact_lock(${ADMINISTRATORS_LOCK}::int, 0)`;
    const before = isUuid(id) ? await tx.user.findUnique({ where: { id } }) : null;
    if (!before) throw new AppError('user_not_found', `no user ${id}`, { details: { id } });
    const isDisabled = disabled ?? before.disabledAt !== null;
    const isRoleNew = change.role !== undefined && change.role !== before.role;
    const wasAdministrator = before.role === 'admin' && before.disabledAt === null;
    if (wasAdministrator && (isDisabled || isRoleNew)) await requireAnotherAdministrator(tx, id);
    const endsSessions = isRoleNew || password !== undefined || (isDisabled && before.disabledAt === null);
    const user = await tx.user.update({
      where: { id },
      data: {
        ...change,
        passwordHash,
        disabledAt: isDisabled ? (before.disabledAt ?? new Date()) : null,
        ...(endsSessions ? { sessionVersion: { increment: 1 } } : {}),
        updatedAt: new Date(),
      },
    });
    // Somebody was shut out, or given a password by hand: a link from before must not undo that.
    if (isDisabled || password !== undefined) await tx.accessLink.deleteMany({ where: { userId: id } });
    await recordAudit(tx, caller, {
      action: 'user.changed',
      target: `user:${before.email}`,
      before: { name: before.name, role: before.role, figuras: before.figuras, disabled: before.disabledAt !== null },
      after: { ...change, ...(disabled === undefined ? {} : { disabled }), hasNewPassword: password !== undefined },
    });
    return toUserDto(user);
  });
}

async function requireAnotherAdministrator(tx: Prisma.TransactionClient, id: string): Promise<void> {
  const others = await tx.user.count({ where: { role: 'admin', disabledAt: null, id: { not: id } } });
  if (others === 0) throw new AppError('last_administrator', `user ${id} is the last administrator`);
}
