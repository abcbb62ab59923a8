import { ident, qualified } from '../db/identifiers.ts';
import type { Queryable } from '../db/pool.ts';
import { type LoadPlan, STAGE_SCHEMA, type StageColumn } from './load-plan.ts';

/** Two keys are one where the column's own collation says so. */
function columnDefinition({ stage, type, target }: StageColumn): string {
  return `${stage} ${type}${target.collation === null ? '' : ` collate ${target.collation}`}`;
}

/**
 * Makes the job's stage table. Unlogged: it is rebuilt from the file after a crash. Without autovacuum: a vacuum that
 * happens to run stalls the DROP by a second.
 */
export async function createStage(db: Queryable, plan: LoadPlan): Promise<void> {
  const columns = plan.columns.map(columnDefinition);
  await db.query(
    `create unlogged table ${plan.stage} (n bigint not null, op text, ${columns.join(', ')}) with (autovacuum_enabled = false)`,
  );
}

/**
 * Drops the stage tables that the attempts `first` to `last` of a job left. An attempt never drops the stage of a later
 * one: it may be a worker that woke late.
 */
export async function dropStages(db: Queryable, jobId: string, first: number, last: number): Promise<void> {
  const { rows } = await db.query(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind = 'r' and c.relname like $2
        and substring(c.relname from '_(\\d+)$')::int between $3 and $4`,
    [STAGE_SCHEMA, `job\\_${jobId.replaceAll('-', '')}\\_%`, first, last],
  );
  for (const { name } of rows) await db.query(`drop table if exists ${qualified(STAGE_SCHEMA, name)}`);
}

/** Drops stage tables whose job has ended or does not exist. Returns how many. */
export async function dropOrphanStages(db: Queryable): Promise<number> {
  const { rows } = await db.query(
    `select c.relname as name
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       left join carga.jobs j on replace(j.id::text, '-', '') = substring(c.relname from '^job_([0-9a-f]{32})_')
      where n.nspname = $1 and c.relkind = 'r'
        and (j.id is null or j.status not in ('queued', 'processing')
             or j.attempt <> coalesce(substring(c.relname from '_(\\d+)$')::int, -1))`,
    [STAGE_SCHEMA],
  );
  for (const { name } of rows) await db.query(`drop table if exists ${ident(STAGE_SCHEMA)}.${ident(name)}`);
  return rows.length;
}
