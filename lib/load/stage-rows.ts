import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { DbClient } from '../db/pool.ts';
import { isInputFault, isRowFault } from '../db/sqlstate.ts';
import { withTransaction } from '../db/transaction.ts';
import { COPY_NULL, type CopyRows } from '../formats/reader/reader.ts';
import { createStage } from './create-stage.ts';
import type { LoadPlan, StageColumn, StagePlan, StageTarget } from './load-plan.ts';

/** What came of staging. */
export interface StagedRows {
  /** Rows of the file. */
  read: number;
  /** Rows in the stage. */
  staged: number;
}

const copyColumns = (plan: StagePlan) =>
  ['n', ...plan.columns.map(({ stage }) => stage), ...(plan.opSource === null ? [] : ['op'])].join(', ');
// The marker is written as an escape: it must reach PostgreSQL, not the eye.
/** How COPY is told which cells are NULL. */
export const COPY_NULL_OPTION = `null E'${[...COPY_NULL].map((character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}'`;

async function drain(db: DbClient, sql: string, rows: CopyRows) {
  const copy = db.query(copyFrom(sql));
  try {
    await pipeline(rows.stream, copy);
  } catch (error) {
    rows.kill();
    // When the reader broke off, its own fault tells more than "stream closed".
    await rows.done.catch((fault: unknown) => {
      if (!isRowFault(error)) throw fault;
    });
    throw error;
  }
  const summary = await rows.done;
  return { staged: copy.rowCount ?? 0, ...summary };
}

/**
 * Makes a stage and copies the reader's rows into it. PostgreSQL judges each value: from 17 on COPY leaves out the rows it refuses;
 * older servers take all or nothing, so a file with a bad row is read a second time into a stage of text, and what the
 * type's own input function accepts goes on into the typed one.
 *
 * @param openRows starts the reader; called once more when the second way is needed.
 */
export async function stageRows(
  db: DbClient,
  plan: StageTarget,
  serverVersion: number,
  openRows: () => CopyRows,
): Promise<StagedRows> {
  // Written as rows that everybody has long been able to see, no later scan has to ask about each of them and write that
  // down. PostgreSQL allows it only to the transaction that made the table.
  const target = `copy ${plan.stage} (${copyColumns(plan)}) from stdin with (format text, freeze, ${COPY_NULL_OPTION}`;
  // Even so a type may refuse a value outright: a domain whose CHECK divides by it, an extension's type.
  const lenient = serverVersion >= 170000 ? ', on_error ignore' : '';
  try {
    return await withTransaction(db, async () => {
      await createStage(db, plan);
      const { staged, rowCount } = await drain(db, `${target}${lenient})`, openRows());
      return { read: rowCount, staged };
    });
  } catch (error) {
    if (!isInputFault(error)) throw error;
  }
  await createStage(db, plan);
  return stageThroughText(db, plan, openRows);
}

/** An assignment is as strict as COPY, a cast would cut a long text off; only rows cannot be assigned from text. */
function guardedAssignment({ stage, type, target }: StageColumn): string {
  if (target.isComposite) return `${stage} text := given.${stage}::${type};`;
  return `${stage} ${type} := given.${stage};`;
}

async function stageThroughText(db: DbClient, plan: StageTarget, openRows: () => CopyRows): Promise<StagedRows> {
  await db.query('drop table if exists pg_temp.text_stage');
  await db.query(
    `create temp table text_stage (n bigint, ${plan.columns.map(({ stage }) => `${stage} text`).join(', ')}, op text)`,
  );
  const { rowCount } = await drain(
    db,
    `copy pg_temp.text_stage (${copyColumns(plan)}) from stdin with (format text, ${COPY_NULL_OPTION})`,
    openRows(),
  );
  // One guarded assignment per row: carga.input_error looks into the catalogue for every cell it is asked about.
  await db.query(
    `create function pg_temp.fits(given pg_temp.text_stage) returns boolean language plpgsql as $fits$
     begin
       declare ${plan.columns.map(guardedAssignment).join(' ')}
       begin
         return true;
       end;
     exception when others then return false;
     end $fits$`,
  );
  const inserted = await db.query(
    `insert into ${plan.stage} (n, op, ${plan.columns.map(({ stage }) => stage).join(', ')})
     select n, op, ${plan.columns.map(({ stage, type }) => `${stage}::${type}`).join(', ')}
       from (select * from pg_temp.text_stage as given where pg_temp.fits(given) offset 0) as valid
      order by n`,
  );
  await db.query('drop function pg_temp.fits(pg_temp.text_stage)');
  await db.query('drop table pg_temp.text_stage');
  return { read: rowCount, staged: inserted.rowCount ?? 0 };
}

/**
 * Numbers of the rows that are in the file but not in the stage, in order. COPY wrote the stage in the file's order, so
 * they are the gaps between neighbours, found by passing over it; hashing a million numbers costs three times as much. Should
 * a server hand the rows over in another order, that is what is done.
 */
export async function findRefusedRows(db: DbClient, plan: LoadPlan, read: number): Promise<number[]> {
  // A part from which nothing is missing need not be looked at.
  const parts = plan.parts.filter(({ staged, rowCount }) => staged < rowCount);
  if (plan.parts.length === 0) return findGaps(db, plan.stage, 1, read);
  const refused: number[] = [];
  for (const { table, firstRow, rowCount } of parts) {
    for (const row of await findGaps(db, table, firstRow, firstRow + rowCount - 1)) refused.push(row);
  }
  return refused;
}

async function findGaps(db: DbClient, table: string, first: number, last: number): Promise<number[]> {
  const gaps = await db.query(
    `select previous, n
       from (select lag(n, 1, $1::bigint - 1) over () as previous, n
               from (select n from ${table} union all select $2::bigint + 1) as staged) as neighbours
      where n <> previous + 1`,
    [first, last],
  );
  const refused: number[] = [];
  for (const { previous, n } of gaps.rows) {
    if (Number(n) <= Number(previous)) return findMissingRows(db, table, first, last);
    for (let row = Number(previous) + 1; row < Number(n); row += 1) refused.push(row);
  }
  return refused;
}

async function findMissingRows(db: DbClient, table: string, first: number, last: number): Promise<number[]> {
  const { rows } = await db.query({
    text: `select g.n from generate_series($1::bigint, $2::bigint) as g(n)
            where not exists (select 1 from ${table} s where s.n = g.n) order by g.n`,
    values: [first, last],
    rowMode: 'array',
  });
  return rows.map(([n]) => Number(n));
}
