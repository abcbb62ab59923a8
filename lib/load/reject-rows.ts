import type { Queryable } from '../db/pool.ts';
import type { RowFault } from '../job/row-faults.ts';

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

/** Code of rows that COPY refused until they are read again: it never leaves the session. */
export const NOT_JUDGED = 'not_judged';

/** Rows of a file, ascending: the first and the last of each run of neighbours, one after the other. */
export type RowRuns = number[];

/** Puts the rows that COPY refused on the session's list: that they are rejected is known, not yet why. */
export async function noteRowsToJudge(db: Queryable, runs: RowRuns): Promise<void> {
  if (runs.length === 0) return;
  // As one text each: pg takes a hundred bytes for every element of an array.
  const every = (rest: number) => `{${runs.filter((_row, index) => index % 2 === rest).join(',')}}`;
  await db.query(
    `insert into pg_temp.row_faults (n, status, code)
     select n, 'ER', '${NOT_JUDGED}'
       from unnest($1::bigint[], $2::bigint[]) as r(first, last) cross join generate_series(r.first, r.last) as n`,
    [every(0), every(1)],
  );
}
