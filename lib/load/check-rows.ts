import { ident, literal, qualified } from '../db/identifiers.ts';
import type { DbClient } from '../db/pool.ts';
import { isInputFault } from '../db/sqlstate.ts';
import type { TableConstraint } from '../figura/figura.ts';
import { keyColumns, type LoadPlan, refusesEmptyText, type StageColumn } from './load-plan.ts';
import { keepKeysOfStagedRows } from './snapshot.ts';

const isUpsert = (plan: LoadPlan) => (plan.opSource === null ? 'true' : `s.op is distinct from 'D'`);

/** A row of the stage `s`, and where it stands: the table, for a stage may have parts, and the place in it. */
export const STAGED_ROW = 's.n, s.tableoid, s.ctid';

/** A fault a row shows by itself: when, in which column of the file, of which kind, with which value. */
export interface RowTest {
  when: string;
  source: string;
  code: string;
  value: string;
}

/** What a row `s` shows by itself, be it one of the stage or one that COPY refused. */
export function rowTests(plan: LoadPlan): RowTest[] {
  const tests: RowTest[] = [];
  if (plan.opSource !== null) {
    // Rows that are only appended can be nothing but new.
    const known = plan.mode === 'append' ? `'', 'I'` : `'', 'I', 'U', 'D'`;
    tests.push({ when: `s.op not in (${known})`, source: plan.opSource, code: 'unknown_op', value: 's.op' });
  }
  for (const column of plan.columns) {
    const { stage, source, target, isKey, isRequired } = column;
    const isNull = refusesEmptyText(column) ? `(s.${stage} is null or s.${stage}::text = '')` : `s.${stage} is null`;
    if (isKey) tests.push({ when: isNull, source, code: 'null_key', value: 'null' });
    else if (target.isNotNull || isRequired) {
      tests.push({ when: `${isNull} and ${isUpsert(plan)}`, source, code: 'not_null', value: 'null' });
    }
  }
  return tests;
}

/** Whether one of them is so. */
export const anyOf = (tests: readonly RowTest[]) => tests.map(({ when }) => `(${when})`).join(' or ') || 'false';

/** A row for each of them, `f(is_so, source, code, value)`. */
export function eachOf(tests: readonly RowTest[]): string {
  const answers = tests.map(
    ({ when, source, code, value }) => `(${when}, ${literal(source)}, ${literal(code)}, ${value})`,
  );
  return `lateral (values ${answers.join(', ')}) as f(is_so, source, code, value)`;
}

function rowTestQuery(plan: LoadPlan): string {
  const tests = rowTests(plan);
  return `select ${STAGED_ROW}, f.source, f.code, null, f.value
            from ${plan.stage} s cross join ${eachOf(tests)} where (${anyOf(tests)}) and f.is_so`;
}

// Types sorted at less cost than hashed (1M uuids: 0.35 against 0.75 s); text sorted by a language's rules is not.
const SORTED_QUICKLY = new Set([20, 21, 23, 1082, 1114, 1184, 2950]);

/** What one look at the staged rows tells. */
export interface StageLook {
  /** Whether rows have to be refused for what they show by themselves. */
  hasFaults: boolean;
  /** Whether rows have op `D`. */
  hasDeletes: boolean;
}

/** Asks first what can be answered at once: nearly always there is nothing to find. */
export async function lookAtStage(db: DbClient, plan: LoadPlan): Promise<StageLook> {
  const { rows } = await db.query(
    `select bool_or(${anyOf(rowTests(plan))}) is true as "hasFaults", bool_or(s.op = 'D') is true as "hasDeletes"
       from ${plan.stage} s`,
  );
  return rows[0];
}

/** Whether keys may repeat in the stage. With "distinct" in it PostgreSQL scans alone: 0.5 s of a million rows. */
export async function mayKeysRepeat(db: DbClient, plan: LoadPlan): Promise<boolean> {
  if (plan.mode === 'append') return false;
  const [key, ...others] = keyColumns(plan);
  if (!key || others.length > 0 || !SORTED_QUICKLY.has(key.target.typeOid)) return true;
  const { rows } = await db.query(
    `select count(distinct s.${key.stage}) < count(s.${key.stage}) as repeats from ${plan.stage} s`,
  );
  return rows[0].repeats;
}

function checkQuery(plan: LoadPlan, name: string, columns: readonly string[], expression: string): string {
  const involved = plan.columns.filter(({ target }) => columns.includes(target.name));
  const only = involved.length === 1 ? involved[0] : undefined;
  const renamed = involved.map(({ stage, target }): [string, string] => [stage, target.name]);
  return brokenQuery(plan, { name, expression, renamed, only });
}

/** What the domain of a column asks, where the stage holds what lies under it. */
function domainQueries(plan: LoadPlan): string[] {
  return plan.columns.flatMap((column) => {
    const checks = column.type === column.target.type ? [] : (column.target.requiredDomain?.checks ?? []);
    return checks.map((check) => brokenQuery(plan, { ...check, renamed: [[column.stage, 'value']], only: column }));
  });
}

interface Check {
  name: string;
  expression: string;
  /** Column of the stage, and what the expression calls it. */
  renamed: [string, string][];
  /** The only column involved. */
  only: StageColumn | undefined;
}

/** Rows of which the expression does not hold. It stands in a query of its own, where it meets its own names first. */
function brokenQuery(plan: LoadPlan, { name, expression, renamed, only }: Check): string {
  const columns = renamed.map(([stage, called]) => `s.${stage} as ${ident(called)}`).join(', ');
  return `select ${STAGED_ROW}, ${only ? literal(only.source) : 'null'}, 'check_violation', ${literal(name)}, ${only ? `s.${only.stage}::text` : 'null'}
            from ${plan.stage} s
           cross join lateral (select not (${expression}) as broken from (select ${columns}) as candidate) as v
           where ${isUpsert(plan)} and v.broken`;
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
  return `select ${STAGED_ROW}, ${only ? literal(only.source) : 'null'}, 'foreign_key_violation', ${literal(name)}, ${only ? `s.${only.stage}::text` : 'null'}
            from ${plan.stage} s
           where ${isUpsert(plan)} and ${pairs.map(([{ stage }]) => `s.${stage} is not null`).join(' and ')}
             and not exists (select 1 from ${qualified(references.schemaName, references.tableName)} f
                              where ${pairs.map(([{ stage }, column]) => `f.${ident(column)} = s.${stage}`).join(' and ')})
             ${isOwnTable(plan, references) ? notInFile(plan, pairs) : ''}`;
}

/** Whether rows of the table refer to other rows of it. */
export function refersToItself(plan: LoadPlan): boolean {
  return plan.constraints.some(({ references }) => isOwnTable(plan, references));
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
 * a row go to the session's list; the rows leave the stage. Without `hasFaults` op, key and NOT NULL are known to be well.
 */
export async function checkRows(db: DbClient, plan: LoadPlan, hasFaults: boolean): Promise<void> {
  let found = hasFaults ? await insertFaults(db, rowTestQuery(plan)) : 0;
  const queries = domainQueries(plan);
  for (const constraint of plan.constraints) {
    // Asked below: a row whose parent is refused here has none.
    if (isOwnTable(plan, constraint.references)) continue;
    const { kind, name, columns, expression, references } = constraint;
    if (kind === 'check') queries.push(checkQuery(plan, name, columns, expression ?? 'true'));
    else if (references) queries.push(foreignKeyQuery(plan, name, columns, references));
  }
  for (const query of queries) {
    try {
      found += await insertFaults(db, query);
    } catch (error) {
      // An expression that fails on some row (a division by zero), or cannot be asked here (it names the whole row, or
      // a table we may not read): the merge finds the rows it refuses.
      if (!isInputFault(error)) throw error;
    }
  }
  if (found > 0) await removeRefusedRows(db, plan);
  await rejectOrphans(db, plan);
}

/**
 * Refuses rows whose parent is neither in the table itself nor brought by the file. Each round may leave children without
 * theirs; a tree is done in as many rounds as it has levels. Returns how many faults were found.
 */
export async function rejectOrphans(db: DbClient, plan: LoadPlan): Promise<number> {
  const own = plan.constraints.filter(({ references }) => isOwnTable(plan, references));
  let found = 0;
  for (let orphans = own.length; orphans > 0; ) {
    orphans = 0;
    for (const { name, columns, references } of own) {
      if (references) orphans += await insertFaults(db, foreignKeyQuery(plan, name, columns, references));
    }
    if (orphans > 0) await removeRefusedRows(db, plan);
    found += orphans;
  }
  return found;
}

/** Refuses what a query finds: row, its part and place if it is to leave the stage, column, code, message, value. */
export async function insertFaults(db: DbClient, query: string): Promise<number> {
  const { rowCount } = await db.query(
    `insert into pg_temp.row_faults (n, part, place, source, code, message, value, status)
     select q.*, 'ER' from (${query}) as q(n, part, place, source, code, message, value)`,
  );
  return rowCount ?? 0;
}

async function removeRefusedRows(db: DbClient, plan: LoadPlan): Promise<void> {
  await keepKeysOfStagedRows(db, plan, 's.n in (select n from pg_temp.row_faults)');
  await removeFaultyRows(db, plan);
}

/**
 * Takes the rows on the session's list out of the stage: each at its place, where nothing else ever comes to stand. Of a
 * million rows 6,000 took 0.07 s, found by number 0.31.
 */
export async function removeFaultyRows(db: DbClient, plan: LoadPlan): Promise<void> {
  await db.query(
    `delete from ${plan.stage} s
      using (select distinct part, place from pg_temp.row_faults where place is not null) f
      where s.ctid = f.place and s.tableoid = f.part`,
  );
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
    `insert into pg_temp.row_faults (n, part, place, status, source, code, message, value)
     select ${STAGED_ROW}, 'SK', ${keys.length === 1 ? literal(keyColumns(plan)[0]?.source ?? '') : 'null'}, 'duplicate_key', r.last::text,
            concat_ws(', ', ${keys.map((key) => `s.${key}::text`).join(', ')})
       from ${plan.stage} s join pg_temp.repeated_keys r on ${same} where s.n < r.last`,
  );
  await removeFaultyRows(db, plan);
}
