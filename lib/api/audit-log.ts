import 'server-only';
import { z } from 'zod';
import type { AuditEntry } from '../db/generated/client.ts';
import type { Services } from '../services.ts';
import type { auditEntrySchema } from './access-schemas.ts';
import { BYTE_ORDER_MARK, cellText, csvLine } from './error-download.ts';
import { decodeCursor, encodeCursor, type PageRequest } from './paging.ts';
import type { AuditFilter } from './query-schemas.ts';

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
    result: entry.result,
    code: entry.code,
  };
}

/** Changes, newest first; one more than the limit, to tell whether there is a next page. */
export function listAudit(
  { prisma }: Pick<Services, 'prisma'>,
  filter: AuditFilter & PageRequest,
): Promise<AuditEntry[]> {
  const position = decodeCursor(filter.cursor, cursorSchema);
  return prisma.auditEntry.findMany({
    where: {
      ...(position ? { id: { lt: BigInt(position[0]) } } : {}),
      actorName: filter.actor,
      action: filter.action,
      target: filter.target,
      result: filter.result,
      at: { gte: filter.from && new Date(filter.from), lt: filter.to && new Date(filter.to) },
    },
    orderBy: { id: 'desc' },
    take: filter.limit + 1,
  });
}

const EXPORT_BATCH = 1000;
/** As many rows as a spreadsheet shows; a narrower period gives the rest. */
const EXPORT_MAX = 1_000_000;
const EXPORT_COLUMNS = [
  ...['id', 'at', 'actor_kind', 'actor_id', 'actor_name', 'action', 'target', 'result', 'code', 'address'],
  ...['before', 'after'],
];

/** The audit as CSV text, newest first; cells that a spreadsheet would run as a formula are neutralised. */
export async function* auditAsCsv(services: Pick<Services, 'prisma'>, filter: AuditFilter): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + csvLine(EXPORT_COLUMNS);
  let cursor: string | null = null;
  for (let written = 0; written < EXPORT_MAX; written += EXPORT_BATCH) {
    const entries: AuditEntry[] = await listAudit(services, { ...filter, limit: EXPORT_BATCH, cursor });
    for (const { actor, ...entry } of entries.slice(0, EXPORT_BATCH).map(toAuditDto)) {
      const { id, at, action, target, result, code, address, before, after } = entry;
      const cells = [id, at, actor.kind, actor.id, actor.name, action, target, result, code, address, before, after];
      yield csvLine(cells.map(cellText));
    }
    const last = entries[EXPORT_BATCH - 1];
    if (entries.length <= EXPORT_BATCH || last === undefined) return;
    cursor = encodeCursor([String(last.id)]);
  }
}
