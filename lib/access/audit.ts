import type { Prisma, PrismaClient } from '../db/generated/client.ts';
import type { Caller } from './caller.ts';

/** A change, as the audit keeps it. */
export interface AuditRecord {
  /** Verb of the change, such as `figura.created`. */
  action: string;
  /** What was changed, such as `figura:fornecedores`. */
  target: string;
  before?: Prisma.InputJsonValue;
  after?: Prisma.InputJsonValue;
}

/** Writes down who changed what. Inside a Prisma transaction when given its client. */
export async function recordAudit(
  db: Pick<PrismaClient, 'auditEntry'>,
  actor: Pick<Caller, 'kind' | 'id' | 'name' | 'address'> | 'system',
  record: AuditRecord,
): Promise<void> {
  await db.auditEntry.create({
    data: {
      actorKind: actor === 'system' ? 'system' : actor.kind,
      actorId: actor === 'system' ? null : actor.id,
      actorName: actor === 'system' ? 'carga' : actor.name,
      action: record.action,
      target: record.target,
      address: actor === 'system' ? null : (actor.address ?? null),
      before: record.before,
      after: record.after,
    },
  });
}
