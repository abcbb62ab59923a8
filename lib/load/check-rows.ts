import { ident, qualified } from '../db/identifiers.ts';
import type { DbClient } from '../db/pool.ts';
import { isInputFault } from '../db/sqlstate.ts';
import type { TableConstraint } from '../figura/figura.ts';
import { keyColumns, type LoadPlan, type StageColumn } from './load-plan.ts';
import { keepKeysOfStagedRows } from './snapshot.ts';

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const isUpsert = (plan: LoadPlan) => (plan.opSource === null ? 'true' : `s.op is distinct from 'D'`);

/** One query per kind of fault: n, source, code, message, value of each row at fault. */
function faultQueries(plan: LoadPlan): string[] {
  const queries: string[] = [];
  const bySql = (condition: string, source: string | null, code: string, value = 'null', message = 'null') =>
    queries.push(
      `select s.n, ${source === null ? 'null' : literal(source)}, ${literal(code)}, ${message}, ${value}
         from ${plan.stage} s where ${condition}`,
    );
  if (plan.opSource !== null) {
    // Rows that are only appended can be nothing but new.
    const known = plan.mode === 'append' ? `'', 'I'` : `'', 'I', 'U', 'D'`;
    bySql(`s.op is not null and s.op not in (${known})`, plan.opSource, 'unknown_op', 's.op');
  }
  for (const column of plan.columns) {
    if (column.isKey) bySql(`s.${column.stage} is null`, column.source, 'null_key');
    else if (column.target.isNotNull) {
      bySql(`s.${column.stage} is null and ${isUpsert(plan)}`, column.source, 'not_null');
    }
  }
  return queries;
}

function checkQuery(plan: LoadPlan, name: string, columns: readonly string[], expression: string): string {
  const involved = plan.columns.filter(({ target }) => columns.includes(target.name));
  // The expression names the table's columns, so the stage's are given those names around it.
  const renamed = involved.map(({ stage, target }) => `s.${stage} as ${ident(target.name)}`);
  const only = involved.length === 1 ? involved[0] : undefined;
  return `select n, ${only ? literal(only.source) : 'null'}, 'check_violation', ${literal(name)}, ${only ? `${ident(only.target.name)}::text` : 'null'}
            from (select ${['s.n', ...renamed].join(', ')} from ${plan.stage} s where ${isUpsert(plan)}) as candidate
           where not (${expression})`;
}

function foreignKeyQuery(
  plan: LoadPlan,
  name: string,
  columns: readonly string[],
  references: { schemaName: string; tableName: string; columns: string[] },
): string {
  const pairs = columns.map((column, index): [StageColumn, string] => [
    plan.columns.find(({ target }) => target.name === column) as StageColumn,
    references.columns[index] as string,
  ]);
  const only = pairs.length === 1 ? pairs[0]?.[0] : undefined;
  return `select s.n, ${only ? literal(only.source) : 'null'}, 'foreign_key_violation', ${literal(name)}, ${only ? `s.${only.stage}::text` : 'null'}
            from ${plan.stage} s
           where ${isUpsert(plan)} and ${pairs.map(([{ stage }]) => `s.${stage} is not null`).join(' and ')}
             and not exists (select 1 from ${qualified(references.schemaName, references.tableName)} f
                              where ${pairs.map(([{ stage }, column]) => `f.${ident(column)} = s.${stage}`).join(' and ')})
             ${isOwnTable(plan, references) ? notInFile(plan, pairs) : ''}`;
}

function isOwnTable(plan: LoadPlan, references: TableConstraint['references']): boolean {
  return references?.schemaName === plan.schemaName && references.tableName === plan.tableName;
}

/** Of a table that refers to itself: nor does the file bring the row referred to. */
function notInFile(plan: LoadPlan, pairs: readonly [StageColumn, string][]): string {
  const matches = pairs.map(([{ stage }, column]) => {
    const brought = plan.columns.find(({ target }) => target.name === column);
    return brought ? `other.${brought.stage} = s.${stage}` : 'false';
  });
  const isKept = plan.opSource === null ? 'true' : `other.op is distinct from 'D'`;
  return `and not exists (select 1 from ${plan.stage} other where ${isKept} and ${matches.join(' and ')})`;
}

/**
 * Finds, set by set, the staged rows that the table would refuse: op, key, NOT NULL, CHECK, FOREIGN KEY. All faults of
 * a row go to the session's list; the rows leave the stage.
 */
export async function checkRows(db: DbClient, plan: LoadPlan): Promise<void> {
  const insert = (query: string) =>
    db.query(
      `insert into pg_temp.row_faults (n, source, code, message, value, status)
       select q.n, q.source, q.code, q.message, q.value, 'ER' from (${query}) as q(n, source, code, message, value)`,
    );
  for (const query of faultQueries(plan)) await insert(query);
  for (const constraint of plan.constraints) {
    // Asked below: a row whose parent is refused here has none.
    if (isOwnTable(plan, constraint.references)) continue;
    const query =
      constraint.kind === 'check'
        ? checkQuery(plan, constraint.name, constraint.columns, constraint.expression ?? 'true')
        : constraint.references && foreignKeyQuery(plan, constraint.name, constraint.columns, constraint.references);
    if (!query) continue;
    try {
      await insert(query);
    } catch (error) {
      // An expression that fails on some row (a division by zero), or cannot be asked here (it names the whole row, or
      // a table we may not read): the merge finds the rows it refuses.
      if (!isInputFault(error)) throw error;
    }
  }
  const remove = async () => {
    await keepKeysOfStagedRows(db, plan, 's.n in (select n from pg_temp.row_faults)');
    await removeFaultyRows(db, plan);
  };
  await remove();
  // Each round may leave children without their parent; a tree is done in as many rounds as it has levels.
  const own = plan.constraints.filter(({ references }) => isOwnTable(plan, references));
  for (let found = own.length; found > 0; ) {
    found = 0;
    for (const { name, columns, references } of own) {
      if (references) found += (await insert(foreignKeyQuery(plan, name, columns, references))).rowCount ?? 0;
    }
    if (found > 0) await remove();
  }
}

/** Takes the rows on the session's list out of the stage. */
async function removeFaultyRows(db: DbClient, plan: LoadPlan): Promise<void> {
  await db.query(`delete from ${plan.stage} s using (select distinct n from pg_temp.row_faults) f where f.n = s.n`);
}

/** Of rows with the same key the last one stays; the earlier ones are skipped and name it. */
export async function skipRepeatedKeys(db: DbClient, plan: LoadPlan): Promise<void> {
  const keys = keyColumns(plan).map(({ stage }) => stage);
  if (keys.length === 0) return;
  const list = keys.join(', ');
  // Nearly always nothing repeats: asking that first costs 0.6–0.9 s of a million rows, DISTINCT ON in the merge 1 s.
  await db.query('drop table if exists pg_temp.repeated_keys');
  const { rowCount } = await db.query(
    `create temp table repeated_keys as select ${list}, max(n) as last from ${plan.stage} group by ${list} having count(*) > 1`,
  );
  if (rowCount === 0) return;
  const same = keys.map((key) => `r.${key} = s.${key}`).join(' and ');
  await db.query(
    `insert into pg_temp.row_faults (n, status, source, code, message, value)
     select s.n, 'SK', ${keys.length === 1 ? literal(keyColumns(plan)[0]?.source ?? '') : 'null'}, 'duplicate_key', r.last::text,
            concat_ws(', ', ${keys.map((key) => `s.${key}::text`).join(', ')})
       from ${plan.stage} s join pg_temp.repeated_keys r on ${same} where s.n < r.last`,
  );
  await removeFaultyRows(db, plan);
}
