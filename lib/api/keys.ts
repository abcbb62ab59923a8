import 'server-only';
import type { z } from 'zod';
import { describeApiKey, generateApiKey } from '../access/api-key.ts';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import type { ApiKey } from '../db/generated/client.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import type { createdKeySchema, createKeySchema, keySchema } from './access-schemas.ts';
import { isUuid, newestFirst, type PageRequest } from './paging.ts';

type KeyDto = z.infer<typeof keySchema>;

/** A key as the wire carries it. */
export function toKeyDto(key: ApiKey): KeyDto {
  const { id, name, role, figuras, prefix, lastFour } = key;
  const time = (value: Date | null) => value?.toISOString() ?? null;
  return {
    id,
    name,
    role,
    figuras,
    prefix,
    lastFour,
    expiresAt: time(key.expiresAt),
    revokedAt: time(key.revokedAt),
    lastUsedAt: time(key.lastUsedAt),
    createdAt: key.createdAt.toISOString(),
    createdBy: { kind: key.createdByKind, name: key.createdByName },
  };
}

/** Keys, newest first; one more than the limit, to tell whether there is a next page. */
export function listKeys({ prisma }: Services, page: PageRequest): Promise<ApiKey[]> {
  return prisma.apiKey.findMany(newestFirst(page));
}

/** Makes a key and shows its secret this once. */
export async function createKey(
  { prisma }: Services,
  caller: Caller,
  request: z.infer<typeof createKeySchema>,
): Promise<z.infer<typeof createdKeySchema>> {
  const secret = generateApiKey();
  const key = await prisma.$transaction(async (tx) => {
    const created = await tx.apiKey.create({
      data: {
        name: request.name,
        role: request.role,
        figuras: request.figuras,
        expiresAt: request.expiresAt ?? null,
        createdById: caller.kind === 'user' ? caller.id : null,
        createdByKind: caller.kind,
        createdByName: caller.name,
        ...describeApiKey(secret),
      },
    });
    await recordAudit(tx, caller, { action: 'key.created', target: `key:${created.id}`, after: { ...request } });
    return created;
  });
  return { ...toKeyDto(key), secret };
}

/** Revokes a key: the next call with it is refused. @throws AppError `key_not_found` */
export async function revokeKey({ prisma }: Services, caller: Caller, id: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const before = isUuid(id) ? await tx.apiKey.findUnique({ where: { id } }) : null;
    const { count } = before
      ? await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } })
      : { count: 0 };
    if (!before || count === 0) throw new AppError('key_not_found', `no key ${id}`, { details: { id } });
    await recordAudit(tx, caller, {
      action: 'key.revoked',
      target: `key:${id}`,
      before: { name: before.name, role: before.role, figuras: before.figuras },
    });
  });
}
