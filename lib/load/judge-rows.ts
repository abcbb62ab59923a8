import { literal } from '../db/identifiers.ts';
import type { DbClient } from '../db/pool.ts';
import { isInputFault, ROW_FAULT_BY_SQLSTATE } from '../db/sqlstate.ts';
import { anyOf, eachOf, insertFaults, rowTests } from './check-rows.ts';
import type { LoadPlan, StageColumn } from './load-plan.ts';
import { NOT_JUDGED } from './reject-rows.ts';

// Types with lower numbers came with the server.
const FIRST_FOREIGN_OID = 16384;
// There is no text that `text` refuses.
const TEXT_OID = 25;

// A row that is no row of its table has no cells to speak of.
const JUDGED_ROWS = `pg_temp.row_data d where d.cells is not null and not d.faults @> '[{"column": null}]'`;

/** Where in the list of a row's cells a column's stands. */
const cellOf = (plan: LoadPlan, column: StageColumn) => `d.cells ->> ${plan.columns.indexOf(column)}`;

/** These rows never came into the stage, so there is no place they have to leave. */
const NO_PLACE = 'null::oid, null::tid';

/**
 * Refuses the values that a query finds, `(n, source, message, code, value)`. Of whatever class the refusal is, the text
 * is no such value.
 */
async function refuseValues(db: DbClient, query: string): Promise<void> {
  const codes = Object.entries(ROW_FAULT_BY_SQLSTATE).map(
    ([sqlstate, code]) => `when ${literal(sqlstate)} then ${literal(code)}`,
  );
  await insertFaults(
    db,
    `select f.n, ${NO_PLACE}, f.source, case f.code ${codes.join(' ')} else 'invalid_value' end, f.message, f.value
       from (${query}) as f(n, source, message, code, value)`,
  );
}

/**
 * From 16 on. A scan for each column, its type in the statement: of half a million rows of six columns 4.7 s, while the
 * columns as rows of a VALUES list, which is set up anew for each row, took 13.5. Asking what is wrong costs three times
 * what asking whether something is does.
 */
async function judgeQuickly(db: DbClient, plan: LoadPlan, columns: readonly StageColumn[]): Promise<void> {
  if (columns.length === 0) return;
  const queries = columns.map((column) => {
    const cell = cellOf(plan, column);
    const asked = `${cell}, ${literal(column.target.type)}`;
    return `select d.n, ${literal(column.source)}, e.message, e.sql_error_code, ${cell}
              from (select * from ${JUDGED_ROWS} and not pg_input_is_valid(${asked})) as d
             cross join lateral pg_input_error_info(${asked}) as e`;
  });
  await refuseValues(db, queries.join(' union all '));
}

/** 80 µs a cell; input functions of extensions may not know another way. */
async function judgeSlowly(db: DbClient, plan: LoadPlan, columns: readonly StageColumn[]): Promise<void> {
  if (columns.length === 0) return;
  const values = columns.map((column) => {
    const { typeOid, typeModifier } = column.target;
    return `(${literal(column.source)}, ${cellOf(plan, column)}, ${Number(typeOid)}::oid, ${Number(typeModifier)})`;
  });
  await refuseValues(
    db,
    `select d.n, v.source, e.message, e.code, v.value
       from (select * from ${JUDGED_ROWS}) as d
      cross join lateral (values ${values.join(', ')}) as v(source, value, type_oid, type_modifier)
      cross join lateral carga.input_error(v.value, v.type_oid, v.type_modifier) as e
      where v.value is not null`,
  );
}

/** Asks PostgreSQL of each cell whether it is a value of its column's type. */
async function judgeValues(db: DbClient, plan: LoadPlan, serverVersion: number): Promise<void> {
  const columns = plan.columns.filter(({ target }) => target.typeOid !== TEXT_OID);
  const quick = columns.filter(({ target }) => serverVersion >= 160000 && target.typeOid < FIRST_FOREIGN_OID);
  const slow = columns.filter((column) => !quick.includes(column));
  await db.query('savepoint judging');
  try {
    await judgeQuickly(db, plan, quick);
    await judgeSlowly(db, plan, slow);
  } catch (error) {
    // A type of the server's own that answers by failing.
    if (!isInputFault(error)) throw error;
    await db.query('rollback to savepoint judging');
    await judgeSlowly(db, plan, columns);
  }
  await db.query('release savepoint judging');
}

/** What is asked of staged rows, asked of those that never came into the stage: op, key, NOT NULL. */
async function judgeGaps(db: DbClient, plan: LoadPlan): Promise<void> {
  const tests = rowTests(plan);
  if (tests.length === 0) return;
  const cells = plan.columns.map((column) => `${cellOf(plan, column)} as ${column.stage}`);
  if (plan.opSource !== null) cells.push(`d.cells ->> ${plan.columns.length} as op`);
  // A cell the reader found fault with is null too, but it was not empty.
  await insertFaults(
    db,
    `select s.n, ${NO_PLACE}, f.source, f.code, null, f.value
       from (select d.n, d.faults, ${cells.join(', ')} from ${JUDGED_ROWS}) as s cross join ${eachOf(tests)}
      where (${anyOf(tests)}) and f.is_so
        and not s.faults @> jsonb_build_array(jsonb_build_object('column', f.source))`,
  );
}

/**
 * Finds out what is wrong with each row that COPY refused, all its faults at once, each with PostgreSQL's own words. Inside
 * a transaction.
 */
export async function judgeRows(db: DbClient, plan: LoadPlan, serverVersion: number): Promise<void> {
  await insertFaults(
    db,
    `select d.n, ${NO_PLACE}, f."column", f.code, f.detail, null
       from pg_temp.row_data d cross join jsonb_to_recordset(d.faults) as f("column" text, code text, detail text)
      where d.cells is not null and d.faults <> '[]'`,
  );
  await judgeValues(db, plan, serverVersion);
  await judgeGaps(db, plan);
  await db.query(
    `delete from pg_temp.row_faults f using pg_temp.row_faults o
      where f.code = '${NOT_JUDGED}' and o.n = f.n and o.code <> '${NOT_JUDGED}'`,
  );
  // Should a cast refuse what the input function takes, the row is still accounted for.
  await db.query(`update pg_temp.row_faults set code = 'rejected' where code = '${NOT_JUDGED}'`);
}
