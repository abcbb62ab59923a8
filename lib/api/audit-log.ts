import 'server-only';
import { z } from 'zod';
import type { AuditEntry } from '../db/generated/client.ts';
import type { Services } from '../services.ts';
import { decodeCursor } from './paging.ts';
import type { AuditFilter } from './query-schemas.ts';
import type { auditEntrySchema } from './schemas.ts';

// No larger than a 64-bit number.
const cursorSchema = z.tuple([z.string().regex(/^\d{1,18}$/)]);

/** A change as the wire carries it. */
export function toAuditDto(entry: AuditEntry): z.infer<typeof auditEntrySchema> {
  return {
    id: String(entry.id),
    at: entry.at.toISOString(),
    actor: { kind: entry.actorKind, id: entry.actorId, name: entry.actorName },
    action: entry.action,
    target: entry.target,
    address: entry.address,
    before: entry.before,
    after: entry.after,
  };
}

/** Changes, newest first; one more than the limit, to tell whether there is a next page. */
export function listAudit({ prisma }: Services, filter: AuditFilter): Promise<AuditEntry[]> {
  const position = decodeCursor(filter.cursor, cursorSchema);
  return prisma.auditEntry.findMany({
    where: {
      ...(position ? { id: { lt: BigInt(position[0]) } } : {}),
      actorName: filter.actor,
      action: filter.action,
      target: filter.target,
      at: { gte: filter.from && new Date(filter.from), lt: filter.to && new Date(filter.to) },
    },
    orderBy: { id: 'desc' },
    take: filter.limit + 1,
  });
}
