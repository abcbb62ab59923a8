import type { Queryable } from '../db/pool.ts';
import { isInputFault, rowFaultCode } from '../db/sqlstate.ts';
import type { PickedRow } from '../formats/reader/reader.ts';
import type { RowFault, RowFaultCode } from '../job/row-faults.ts';
import { type LoadPlan, refusesEmptyText } from './load-plan.ts';

// Types with lower numbers came with the server.
const FIRST_FOREIGN_OID = 16384;

/**
 * Makes the session's list of rows that need a word each, one line per fault. It lives as long as the session: what
 * becomes of it is decided in the transaction that ends the job. `part` and `place` say where the row stands in the
 * stage, if it is to leave it.
 */
export async function createFaultList(db: Queryable): Promise<void> {
  await db.query('drop table if exists pg_temp.row_faults');
  await db.query(
    `create temp table row_faults (
       n bigint not null, part oid, place tid, status carga.stage_status not null, source text, code text not null,
       message text, value text)`,
  );
}

/** Adds faults to the list. */
export async function addFaults(
  db: Queryable,
  faults: readonly (RowFault & { row: number; status: 'ER' | 'SK' })[],
): Promise<void> {
  if (faults.length === 0) return;
  await db.query(
    `insert into pg_temp.row_faults (n, status, source, code, message, value)
     select n, status, source, code, message, value
       from json_to_recordset($1::json) as f(n bigint, status carga.stage_status, source text, code text, message text, value text)`,
    [
      JSON.stringify(
        faults.map(({ row, status, column, code, message, value }) => ({
          n: row,
          status,
          source: column,
          code,
          message,
          value,
        })),
      ),
    ],
  );
}

/** Whatever class an input function refuses a text with, the text is no value of the type. */
function valueFaultCode(sqlstate: string): RowFaultCode {
  const code = rowFaultCode(sqlstate);
  return code === 'rejected' ? 'invalid_value' : code;
}

interface CellAnswer {
  n: number;
  position: number;
  value: string;
  message: string;
  code: string;
}

/**
 * What is wrong with which cell. From 16 on PostgreSQL says it quickly (1 µs against 80 µs); input functions of
 * extensions may not know how, and are asked the other way.
 */
async function askCells(
  db: Queryable,
  plan: LoadPlan,
  rows: { n: number; cells: (string | null)[] }[],
  canAskQuickly: boolean,
): Promise<CellAnswer[]> {
  const slowly = 'select message, code from carga.input_error(c.cell, v.type_oid, v.type_modifier)';
  const quickly = `select message, sql_error_code from pg_input_error_info(c.cell, v.type)
                    where v.type_oid < ${FIRST_FOREIGN_OID} and message is not null
                   union all ${slowly} where v.type_oid >= ${FIRST_FOREIGN_OID}`;
  try {
    const { rows: answers } = await db.query(
      `select r.n, v.position, r.cells ->> v.position as value, e.message, e.code
         from json_to_recordset($1::json) as r(n bigint, cells json)
        cross join unnest($2::int[], $3::oid[], $4::int[], $5::text[]) as v(position, type_oid, type_modifier, type)
        cross join lateral (select r.cells ->> v.position where r.cells ->> v.position is not null offset 0) as c(cell)
        cross join lateral (${canAskQuickly ? quickly : slowly}) as e(message, code)
        order by r.n, v.position`,
      [
        JSON.stringify(rows),
        plan.columns.map((_column, index) => index),
        plan.columns.map(({ target }) => target.typeOid),
        plan.columns.map(({ target }) => target.typeModifier),
        plan.columns.map(({ target }) => target.type),
      ],
    );
    return answers;
  } catch (error) {
    // A type of the server's own that answers by failing.
    if (!canAskQuickly || !isInputFault(error)) throw error;
    return askCells(db, plan, rows, false);
  }
}

/** Code of rows that COPY refused until they are read again: it never leaves the session. */
export const NOT_JUDGED = 'not_judged';

/** Puts the rows that COPY refused on the session's list: that they are rejected is known, not yet why. */
export async function noteRowsToJudge(db: Queryable, rowNumbers: readonly number[]): Promise<void> {
  if (rowNumbers.length === 0) return;
  await db.query(
    `insert into pg_temp.row_faults (n, status, code) select n, 'ER', '${NOT_JUDGED}' from unnest($1::bigint[]) as r(n)`,
    [rowNumbers],
  );
}

// What a batch of very long rows holds in memory still is a fraction of what the reader does.
const JUDGED_AT_ONCE = 2000;

/**
 * Asks PostgreSQL of each cell of the rows it refused what is wrong with it: all faults of a row at once, each with
 * PostgreSQL's own words.
 */
export async function judgeRows(db: Queryable, plan: LoadPlan, serverVersion: number): Promise<void> {
  for (let last = 0; ; ) {
    const { rows } = await db.query(
      `select n as row, cells, faults from pg_temp.row_data where cells is not null and n > $1 order by n limit ${JUDGED_AT_ONCE}`,
      [last],
    );
    if (rows.length === 0) break;
    last = rows.at(-1).row;
    await judgeBatch(db, plan, rows, serverVersion);
  }
  await db.query(
    `delete from pg_temp.row_faults f using pg_temp.row_faults o
      where f.code = '${NOT_JUDGED}' and o.n = f.n and o.code <> '${NOT_JUDGED}'`,
  );
  // Should a cast refuse what the input function takes, the row is still accounted for.
  await db.query(`update pg_temp.row_faults set code = 'rejected' where code = '${NOT_JUDGED}'`);
}

type JudgedRow = Pick<PickedRow, 'row' | 'cells' | 'faults'>;

async function judgeBatch(db: Queryable, plan: LoadPlan, rows: readonly JudgedRow[], serverVersion: number) {
  const faults: (RowFault & { row: number; status: 'ER' })[] = [];
  const add = (row: number, fault: RowFault) => faults.push({ row, status: 'ER', ...fault });
  for (const picked of rows) {
    for (const { column, code, detail } of picked.faults) {
      add(picked.row, { column, code, message: detail, value: null });
    }
  }
  const judged = rows.filter((picked) => picked.faults.every(({ column }) => column !== null));
  const cells = judged.map(({ row, cells }) => ({
    n: row,
    cells,
  }));
  const answers = await askCells(db, plan, cells, serverVersion >= 160000);
  for (const { n, position, value, message, code } of answers) {
    add(n, { column: plan.columns[position]?.source ?? null, code: valueFaultCode(code), message, value });
  }
  for (const picked of judged) {
    const op = plan.opSource === null ? null : (picked.cells[plan.columns.length] ?? null);
    if (op !== null && !['', 'I', 'U', 'D'].includes(op)) {
      add(picked.row, { column: plan.opSource, code: 'unknown_op', message: null, value: op });
    }
    for (const [index, column] of plan.columns.entries()) {
      // A cell the reader found fault with is null too, but it was not empty.
      const isFaulty = picked.faults.some((fault) => fault.column === column.source);
      const cell = picked.cells[index];
      const isEmpty = cell === null || (cell === '' && refusesEmptyText(column));
      if (!isEmpty || isFaulty) continue;
      if (column.isKey) add(picked.row, { column: column.source, code: 'null_key', message: null, value: null });
      else if ((column.target.isNotNull || column.isRequired) && op !== 'D') {
        add(picked.row, { column: column.source, code: 'not_null', message: null, value: null });
      }
    }
  }
  await addFaults(db, faults);
}
