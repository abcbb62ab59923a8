import type { Prisma, PrismaClient } from '../db/generated/client.ts';
import type { Queryable } from '../db/pool.ts';
import type { ErrorCode } from '../errors.ts';
import { storableJson } from '../formats/reader/storable-json.ts';
import type messages from '../i18n/messages/pt-BR.json';
import type { Caller } from './caller.ts';

type Actions = (typeof messages)['audit']['actions'];
/** Verb of a change, such as `figura.created`; each has a name in the page's catalogue. */
type AuditAction = { [Area in keyof Actions]: `${Area}.${keyof Actions[Area] & string}` }[keyof Actions];

/** A change, as the audit keeps it. */
export interface AuditRecord {
  action: AuditAction;
  /** What was changed, such as `figura:fornecedores`. */
  target: string;
  before?: Prisma.InputJsonValue;
  after?: Prisma.InputJsonValue;
  /** Why it was refused; left out when it was done. */
  refusal?: ErrorCode;
}

/** Who is written down: a caller, somebody who only claims to be one, or the service itself. */
export type AuditActor = Pick<Caller, 'kind' | 'name' | 'address'> & { id: string | null };

const SYSTEM = { kind: 'system', id: null, name: 'carga', address: null } as const;

/** Writes down who changed what, in the transaction of the change: a client of the pool's, or Prisma's. */
export async function recordAudit(
  db: Queryable | Pick<PrismaClient, 'auditEntry'>,
  by: AuditActor | 'system',
  record: AuditRecord,
): Promise<void> {
  const actor = by === 'system' ? SYSTEM : by;
  const { action, target, refusal } = record;
  const [before, after] = [record.before, record.after].map((side) =>
    // Names come from callers, and may hold what jsonb does not.
    side === undefined ? undefined : storableJson(JSON.stringify(side)),
  );
  if ('auditEntry' in db) {
    await db.auditEntry.create({
      data: {
        actorKind: actor.kind,
        actorId: actor.id,
        actorName: actor.name,
        action,
        target,
        address: actor.address ?? null,
        before: before && JSON.parse(before),
        after: after && JSON.parse(after),
        result: refusal === undefined ? 'done' : 'refused',
        code: refusal ?? null,
      },
    });
    return;
  }
  await db.query(
    `insert into carga.audit (actor_kind, actor_id, actor_name, action, target, address, before, after, result, code)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      actor.kind === 'apiKey' ? 'api_key' : actor.kind,
      actor.id,
      actor.name,
      action,
      target,
      actor.address ?? null,
      before ?? null,
      after ?? null,
      refusal === undefined ? 'done' : 'refused',
      refusal ?? null,
    ],
  );
}
