import { ident } from '../db/identifiers.ts';
import { keyColumns, type LoadPlan, type StageColumn } from './load-plan.ts';

/**
 * Rows of the stage a merge takes: those from `first` to `last`, or those that wait for none in `pg_temp.merge_order`, or
 * those that do, in its order.
 */
export type RowSelection = { first: number; last: number } | 'independent' | 'waiting';

/** Query of the selected rows of the stage; all without a selection. `order` is over `s`. */
export function stagedRows(plan: LoadPlan, selection?: RowSelection, order?: string): string {
  const from = `select s.* from ${plan.stage} s`;
  const sorted = order === undefined ? '' : ` order by ${order}`;
  if (selection === undefined) return from + sorted;
  if (selection === 'waiting') return `${from} join pg_temp.merge_order o on o.n = s.n order by o.position`;
  if (selection === 'independent') {
    return `${from} where not exists (select 1 from pg_temp.merge_order o where o.n = s.n)${sorted}`;
  }
  return `${from} where s.n between ${Number(selection.first)} and ${Number(selection.last)}${sorted}`;
}

const targetColumn = ({ target }: StageColumn) => `t.${ident(target.name)}`;
const stageColumn = ({ stage }: StageColumn) => `s.${stage}`;
/**
 * Whether one of the columns differs between two rows; `theirs` and `ours` say how a column is referred to. Where `=` is
 * blind to a difference (`1.0` and `1.00`, citext), the stored bytes are compared: a false difference costs an update,
 * a false equality would lose the file's value.
 */
export function differs(
  columns: readonly StageColumn[],
  theirs: (column: StageColumn) => string,
  ours: (column: StageColumn) => string,
): string {
  const exact = columns.filter(({ target }) => target.hasExactEquality);
  const others = columns.filter(({ target }) => !target.hasExactEquality);
  const conditions = [
    ...(exact.length > 0 ? [`(${exact.map(theirs).join(', ')}) is distinct from (${exact.map(ours).join(', ')})`] : []),
    ...(others.length > 0
      ? [`record_image_ne(row(${others.map(theirs).join(', ')}), row(${others.map(ours).join(', ')}))`]
      : []),
  ];
  return conditions.length === 1 ? (conditions[0] as string) : `(${conditions.join(' or ')})`;
}

/** `t.a = s.c1 and …` over the key. */
export function keyMatch(plan: LoadPlan): string {
  return keyColumns(plan)
    .map((column) => `${targetColumn(column)} = ${stageColumn(column)}`)
    .join(' and ');
}

/** Columns an update may write: PostgreSQL refuses to change one that is GENERATED ALWAYS AS IDENTITY. */
export function updatedColumns(plan: LoadPlan): StageColumn[] {
  return plan.columns.filter(({ isKey, target }) => !isKey && !target.isIdentityAlways);
}

/** Whether any value the file brings differs from the table's; null when the file brings nothing an update may write. */
export function isDifferent(plan: LoadPlan): string | null {
  const values = updatedColumns(plan);
  if (values.length === 0) return null;
  return differs(values, targetColumn, stageColumn);
}

function insertClause(plan: LoadPlan): string {
  const names = plan.columns.map(({ target }) => ident(target.name)).join(', ');
  const overriding = plan.columns.some(({ target }) => target.isIdentityAlways) ? ' overriding system value' : '';
  return `insert (${names})${overriding} values (${plan.columns.map(stageColumn).join(', ')})`;
}

/**
 * The one statement that applies a stage to its table. The source is ordered by the key (0.7 × the time into an empty
 * table, since the index is built from left to right); rows equal to the table's are left alone (0.32 × the time of
 * rewriting them, and no dead rows). Needs a stage in which no key repeats.
 */
export function mergeStatement(plan: LoadPlan, selection?: RowSelection): string {
  const different = isDifferent(plan);
  const order = keyColumns(plan).map(stageColumn).join(', ');
  const assignments = updatedColumns(plan)
    .map((column) => `${ident(column.target.name)} = ${stageColumn(column)}`)
    .join(', ');
  return [
    `merge into ${plan.target} as t`,
    `using (${stagedRows(plan, selection, order)}) as s`,
    `on ${keyMatch(plan)}`,
    ...(plan.opSource === null ? [] : [`when matched and s.op = 'D' then delete`]),
    ...(different === null ? [] : [`when matched and ${different} then update set ${assignments}`]),
    `when not matched${plan.opSource === null ? '' : ` and s.op is distinct from 'D'`} then ${insertClause(plan)}`,
  ].join('\n');
}

/** The statement of mode `append`: every row is new. */
export function appendStatement(plan: LoadPlan, selection?: RowSelection): string {
  return `${insertInto(plan)} from (${stagedRows(plan, selection, 's.n')}) as s`;
}

/** What a merge comes to where the table is empty, at 0.75 × its CPU: nothing is looked up, nothing compared. */
export function fillStatement(plan: LoadPlan): string {
  const where = plan.opSource === null ? '' : ` where s.op is distinct from 'D'`;
  const order = keyColumns(plan).map(stageColumn).join(', ');
  return `${insertInto(plan)} from ${plan.stage} s${where} order by ${order}`;
}

function insertInto(plan: LoadPlan): string {
  const names = plan.columns.map(({ target }) => ident(target.name)).join(', ');
  const overriding = plan.columns.some(({ target }) => target.isIdentityAlways) ? ' overriding system value' : '';
  return `insert into ${plan.target} (${names})${overriding}\nselect ${plan.columns.map(stageColumn).join(', ')}`;
}
