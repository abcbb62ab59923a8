import { ident, literal } from '../db/identifiers.ts';
import type { DbClient } from '../db/pool.ts';
import { keyColumns, type LoadPlan } from './load-plan.ts';
import type { MergeCounts } from './merge-rows.ts';
import { differs, isDifferent, keyMatch, updatedColumns } from './merge-statement.ts';

// As many as a person looks through.
const SAMPLE_ROWS = 100;

/** What would become of one row. */
export interface RowChange {
  row: number;
  /** Column of the table -> value as text. */
  key: Record<string, string>;
  changes: { column: string; old: string | null; new: string | null }[];
}

/**
 * Classes every staged row as a merge would, by reading alone: no trigger fires, no sequence moves, no row is locked.
 * What only writing finds out (a trigger's refusal, a reference of another table) is not foreseen.
 */
export async function classifyRows(db: DbClient, plan: LoadPlan, staged: number): Promise<MergeCounts> {
  if (plan.mode === 'append') return { inserted: staged, updated: 0, deleted: 0, unchanged: 0, rejected: 0 };
  const isDelete = plan.opSource === null ? 'false' : `s.op is not distinct from 'D'`;
  const { rows } = await db.query(
    `select count(*) filter (where t.ctid is null and not ${isDelete}) as inserted,
            count(*) filter (where t.ctid is not null and not ${isDelete} and ${isDifferent(plan) ?? 'false'}) as updated,
            count(*) filter (where t.ctid is not null and ${isDelete}) as deleted
       from ${plan.stage} s left join ${plan.target} t on ${keyMatch(plan)}`,
  );
  const counts = {
    inserted: Number(rows[0].inserted),
    updated: Number(rows[0].updated),
    deleted: Number(rows[0].deleted),
  };
  return { ...counts, unchanged: staged - counts.inserted - counts.updated - counts.deleted, rejected: 0 };
}

/** The first rows that would be updated, with the old and the new value of each column that differs. */
export async function sampleChanges(db: DbClient, plan: LoadPlan): Promise<RowChange[]> {
  const different = plan.mode === 'append' ? null : isDifferent(plan);
  if (different === null) return [];
  const keys = keyColumns(plan).map(({ stage, target }) => `${literal(target.name)}, s.${stage}::text`);
  const values = updatedColumns(plan).map((column, index) => {
    const old = `t.${ident(column.target.name)}`;
    const fresh = `s.${column.stage}`;
    const isOther = differs(
      [column],
      () => old,
      () => fresh,
    );
    return `(${index}, ${literal(column.target.name)}, ${old}::text, ${fresh}::text, ${isOther})`;
  });
  const { rows } = await db.query(
    `select s.n as row, json_build_object(${keys.join(', ')}) as key,
            (select json_agg(json_build_object('column', v.name, 'old', v.old, 'new', v.new) order by v.position)
               from (values ${values.join(', ')}) as v(position, name, old, new, differs) where v.differs) as changes
       from ${plan.stage} s join ${plan.target} t on ${keyMatch(plan)}
      where ${plan.opSource === null ? 'true' : `s.op is distinct from 'D'`} and ${different}
      order by s.n limit ${SAMPLE_ROWS}`,
  );
  return rows;
}
