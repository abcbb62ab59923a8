import { ident } from '../db/identifiers.ts';
import type { DbClient } from '../db/pool.ts';
import { keyColumns, type LoadPlan, type StageColumn } from './load-plan.ts';

// A snapshot deletes what the file does not name. Rows that were refused are named by the file all the same: their
// keys are kept here, so that a bad cell never costs the row it stands in.

/** Makes the session's list of keys that the file names although their rows were refused. */
export async function createKeptKeys(db: DbClient, plan: LoadPlan): Promise<void> {
  if (plan.mode !== 'snapshot') return;
  const columns = keyColumns(plan).map(({ stage, target }) => `${stage} ${target.type}`);
  await db.query('drop table if exists pg_temp.kept_keys');
  await db.query(`create temp table kept_keys (${columns.join(', ')})`);
}

/** Keeps the keys of rows that never came into the stage, as far as they are keys at all. */
export async function keepKeysOfRefusedRows(db: DbClient, plan: LoadPlan): Promise<void> {
  if (plan.mode !== 'snapshot') return;
  const keys = keyColumns(plan);
  const cell = (index: number) => `r.cells ->> ${plan.columns.indexOf(keys[index] as StageColumn)}`;
  const isKey = keys
    .map(
      ({ target }, index) =>
        `${cell(index)} is not null and not exists (select 1 from carga.input_error(${cell(index)}, ${Number(target.typeOid)}, ${Number(target.typeModifier)}))`,
    )
    .join(' and ');
  await db.query(
    `insert into pg_temp.kept_keys (${keys.map(({ stage }) => stage).join(', ')})
     select ${keys.map(({ target }, index) => `(${cell(index)})::${target.type}`).join(', ')}
       from (select cells from pg_temp.row_data r where r.cells is not null and ${isKey} offset 0) as r`,
  );
}

/** Keeps the keys of staged rows that are about to leave the stage. `condition` speaks of `s`. */
export async function keepKeysOfStagedRows(db: DbClient, plan: LoadPlan, condition: string): Promise<void> {
  if (plan.mode !== 'snapshot') return;
  const names = keyColumns(plan).map(({ stage }) => stage);
  await db.query(
    `insert into pg_temp.kept_keys (${names.join(', ')})
     select ${names.map((name) => `s.${name}`).join(', ')} from ${plan.stage} s where ${condition}`,
  );
}

function isAbsent(plan: LoadPlan): string {
  const match = (alias: string) =>
    keyColumns(plan)
      .map(({ stage, target }) => `t.${ident(target.name)} = ${alias}.${stage}`)
      .join(' and ');
  return `not exists (select 1 from ${plan.stage} s where ${match('s')})
      and not exists (select 1 from pg_temp.kept_keys k where ${match('k')})`;
}

/** What a snapshot would delete. */
export interface SnapshotDeletes {
  /** Rows of the table that the file does not name. */
  absent: number;
  /** Those, and the ones it names with op `D`. */
  deletes: number;
  /** Rows of the table. */
  total: number;
}

/** Counts what a snapshot would delete: a file that was cut off must not empty a table. */
export async function countSnapshotDeletes(db: DbClient, plan: LoadPlan): Promise<SnapshotDeletes> {
  const named = plan.opSource === null ? '0' : `(select count(*) from ${plan.stage} where op = 'D')`;
  const { rows } = await db.query(
    `select count(*) as total, count(*) filter (where ${isAbsent(plan)}) as absent, ${named} as named from ${plan.target} t`,
  );
  const absent = Number(rows[0].absent);
  return { absent, deletes: absent + Number(rows[0].named), total: Number(rows[0].total) };
}

/** Deletes the table's rows that the file does not name. */
export async function deleteAbsentRows(db: DbClient, plan: LoadPlan): Promise<number> {
  const { rowCount } = await db.query(`delete from ${plan.target} t where ${isAbsent(plan)}`);
  return rowCount ?? 0;
}
