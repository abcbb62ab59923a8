import { qualified } from '../db/identifiers.ts';
import type { Queryable } from '../db/pool.ts';
import { isDatabaseError, SQLSTATE } from '../db/sqlstate.ts';
import { type LoadPlan, STAGE_SCHEMA, type StageColumn, type StageTarget, sideTable } from './load-plan.ts';

/** Two keys are one where the column's own collation says so. */
function columnDefinition({ stage, type, target }: StageColumn): string {
  return `${stage} ${type}${target.collation === null ? '' : ` collate ${target.collation}`}`;
}

/**
 * Makes a stage table. Unlogged: it is rebuilt from the file after a crash. Without autovacuum: a vacuum that happens to
 * run stalls the DROP by a second.
 */
export async function createStage(db: Queryable, plan: StageTarget): Promise<void> {
  const columns = plan.columns.map(columnDefinition);
  await db.query(
    `create unlogged table ${plan.stage} (n bigint not null, op text, ${columns.join(', ')}) with (autovacuum_enabled = false)`,
  );
}

/**
 * Makes the stage of a load whose parts are staged already: it inherits their rows, none of which is written again.
 * Statements on it reach the parts; DROP needs CASCADE, an index has to be made on each.
 */
export async function createStageOfParts(db: Queryable, plan: LoadPlan): Promise<void> {
  await createStage(db, plan);
  for (const { table } of plan.parts) await db.query(`alter table ${table} inherit ${plan.stage}`);
}

/** A stage table and all that inherit from it, quoted. */
export async function tablesOf(db: Queryable, table: string): Promise<string[]> {
  const { rows } = await db.query(
    `with recursive family as (
       select $1::regclass as oid union all select i.inhrelid from pg_inherits i join family f on i.inhparent = f.oid)
     select relname as name from family join pg_class using (oid)`,
    [table],
  );
  return rows.map(({ name }) => qualified(STAGE_SCHEMA, name));
}

/** Makes an index over the row numbers of a stage. */
export async function indexStage(db: Queryable, plan: LoadPlan): Promise<void> {
  for (const table of await tablesOf(db, plan.stage)) await db.query(`create index on ${table} (n)`);
}

/** Drops a table that one or two sessions copied into, quoted. */
export async function dropCopied(db: Queryable, table: string): Promise<void> {
  await db.query(`drop table if exists ${table}, ${sideTable(table)} cascade`);
}

/** Drops a stage, and sets free the parts it was put together from: they outlive an attempt. */
async function dropStage(db: Queryable, name: string): Promise<void> {
  const stage = qualified(STAGE_SCHEMA, name);
  const { rows: parts } = await db.query(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = to_regclass($1)`,
    [stage],
  );
  for (const part of parts) {
    await db.query(`alter table ${qualified(STAGE_SCHEMA, part.name)} no inherit ${stage}`).catch((error) => {
      // Somebody else was faster.
      if (!isDatabaseError(error) || error.code !== SQLSTATE.undefinedTable) throw error;
    });
  }
  await db.query(`drop table if exists ${stage}`);
}

/**
 * Drops the stage tables that the attempts `first` to `last` of a job left, and those of its chunks once it has ended.
 * An attempt never drops the stage of a later one: it may be a worker that woke late.
 */
export async function dropStages(db: Queryable, jobId: string, first: number, last: number): Promise<void> {
  const id = jobId.replaceAll('-', '');
  const { rows } = await db.query(
    `select c.relname as name, c.relname like $2 as "isChunk"
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind = 'r'
        and case when c.relname like $2
                 then not exists (select 1 from carga.jobs where id = $6 and status in ('queued', 'processing'))
                 when c.relname like $3 then substring(c.relname from '_(\\d+)(?:_side)?$')::int between $4 and $5
            end
      order by "isChunk"`,
    [STAGE_SCHEMA, `chunk\\_${id}\\_%`, `job\\_${id}\\_%`, first, last, jobId],
  );
  for (const { name, isChunk } of rows) await (isChunk ? dropChunkTable(db, name) : dropStage(db, name));
}

/** A helper that has not noticed the job's end still writes there: it drops its table itself. */
async function dropChunkTable(db: Queryable, name: string): Promise<void> {
  await db
    .query(`set local lock_timeout = '500ms'; drop table if exists ${qualified(STAGE_SCHEMA, name)} cascade`)
    .catch((error) => {
      if (!isDatabaseError(error) || error.code !== SQLSTATE.lockNotAvailable) throw error;
    });
}

/** Drops stage tables whose job has ended or does not exist, and those of claims that were lost. Returns how many. */
export async function dropOrphanStages(db: Queryable): Promise<number> {
  const { rows } = await db.query(
    `select c.relname as name, c.relname like 'chunk\\_%' as "isChunk"
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       left join carga.jobs j on replace(j.id::text, '-', '') = substring(c.relname from '^(?:job|chunk)_([0-9a-f]{32})_')
      where n.nspname = $1 and c.relkind = 'r'
        and (j.id is null or j.status not in ('queued', 'processing')
             or case when c.relname like 'chunk\\_%'
                     then not exists (select 1 from carga.job_chunks k
                                       where k.job_id = j.id
                                         and substring(c.relname from '_([0-9a-f]{12})(?:_side)?$') = left(replace(k.token::text, '-', ''), 12))
                     else j.attempt <> coalesce(substring(c.relname from '_(\\d+)(?:_side)?$')::int, -1)
                end)
      order by "isChunk"`,
    [STAGE_SCHEMA],
  );
  for (const { name, isChunk } of rows) await (isChunk ? dropChunkTable(db, name) : dropStage(db, name));
  return rows.length;
}
