import { ident } from './identifiers.ts';
import type { DbClient } from './pool.ts';

// The application's own tables, its sample, and the queue's.
const SCHEMAS = ['carga', 'cadastro', 'graphile_worker'];

/** Why a role cannot be the application's; the message is one line a person can act on. */
export class RoleError extends Error {
  override name = 'RoleError';
}

/**
 * Gives the application's role what it needs of the tables that `owner` migrated, and no more: it adds to the audit and
 * reads it, but can neither change nor empty it, nor take its trigger away, since it owns nothing but stages. Rights on
 * the tables that figuras load are the operator's to give. Does nothing where both are one role. @throws RoleError
 */
export async function grantApplication(owner: DbClient, role: string): Promise<void> {
  const { rows } = await owner.query<{ isSame: boolean; exists: boolean; isOwner: boolean | null }>(
    `select current_user = $1 as "isSame", exists (select from pg_roles where rolname = $1) as exists,
            (select r.rolsuper or pg_has_role(r.oid, current_user, 'member') from pg_roles r where r.rolname = $1) as "isOwner"`,
    [role],
  );
  const [found] = rows;
  if (found?.isSame) return;
  if (!found?.exists) throw new RoleError(`The database has no role ${role}, the one of DATABASE_URL.`);
  if (found.isOwner) {
    throw new RoleError(`The role ${role} of DATABASE_URL has the owner's rights: it could change the audit.`);
  }
  const app = ident(role);
  await owner.query('begin');
  for (const schema of await existing(owner)) {
    await owner.query(`grant usage on schema ${schema} to ${app}`);
    await owner.query(`grant select, insert, update, delete on all tables in schema ${schema} to ${app}`);
    await owner.query(`grant usage, select, update on all sequences in schema ${schema} to ${app}`);
  }
  await owner.query(`revoke all on carga.audit from ${app}`);
  await owner.query(`grant select, insert on carga.audit to ${app}`);
  await owner.query(`grant usage, create on schema carga_stage to ${app}`);
  await openQueue(owner, app);
  await owner.query('commit');
}

async function existing(owner: DbClient): Promise<string[]> {
  const { rows } = await owner.query('select nspname as name from pg_namespace where nspname = any($1)', [SCHEMAS]);
  return rows.map(({ name }) => ident(name));
}

/** The queue's tables have row level security and no policy: without one nobody but their owner sees a task. */
async function openQueue(owner: DbClient, app: string): Promise<void> {
  const { rows } = await owner.query(
    `select relname as name from pg_class where relnamespace = 'graphile_worker'::regnamespace and relrowsecurity`,
  );
  for (const { name } of rows) {
    const table = `graphile_worker.${ident(name)}`;
    await owner.query(`drop policy if exists carga_application on ${table}`);
    await owner.query(`create policy carga_application on ${table} to ${app} using (true) with check (true)`);
  }
}
