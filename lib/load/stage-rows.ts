import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { DbClient } from '../db/pool.ts';
import { isDatabaseError, isInputFault, isRowFault, SQLSTATE } from '../db/sqlstate.ts';
import { withTransaction } from '../db/transaction.ts';
import { COPY_NULL, type CopyRows } from '../formats/reader/reader.ts';
import { CopyLanes } from './copy-lanes.ts';
import { createStage, tablesOf } from './create-stage.ts';
import { type LoadPlan, type StageColumn, type StagePlan, type StageTarget, sideTable } from './load-plan.ts';
import type { LoadSession } from './load-session.ts';
import type { RowRuns } from './reject-rows.ts';

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

/** @param startCopy called when the rows are on their way: a COPY that nobody ends holds its session for ever */
async function drain(rows: CopyRows, startCopy: () => Writable & { rowCount: number }) {
  const copy = startCopy();
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
  return { staged: copy.rowCount, ...summary };
}

/** A second session that copies rows of the same stage, into a table of its own. */
function createSideLane({ db, openSibling }: LoadSession, target: StageTarget, copySql: (table: string) => string) {
  const table = sideTable(target.stage);
  let session: LoadSession | undefined;
  return {
    /** Starts its COPY; null where the server has no session to spare. */
    async open() {
      try {
        session = await openSibling();
      } catch (error) {
        if (isDatabaseError(error) && error.code === SQLSTATE.tooManyConnections) return null;
        throw error;
      }
      await session.db.query('begin');
      await createStage(session.db, { ...target, stage: table });
      return session.db.query(copyFrom(copySql(table)));
    },
    /** Commits its rows, and makes them rows of the stage in the transaction of the first session. */
    async join() {
      if (session === undefined) return;
      await session.db.query('commit');
      await db.query(`alter table ${table} inherit ${target.stage}`);
    },
    /** What was not committed is rolled back. */
    close: async () => session?.close(),
  };
}

// One COPY takes about 40 MB/s: what it needs 0.2 s for is not worth a session more. Far above, files that gain stay alone.
export const SIDE_LANE_BYTES = 8 << 20;

/**
 * Makes a stage and copies the reader's rows into it; from `sideLaneBytes` on by two sessions, which took 3.5 s for 1M
 * rows of which one took 4.7, on two cores. PostgreSQL judges each value: from 17 on COPY leaves out the rows it refuses;
 * older servers take all or nothing, so a file with a bad row is read a second time into a stage of text, and what the
 * type's own input function accepts goes on into the typed one.
 *
 * @param openRows starts the reader; called once more when the second way is needed.
 */
export async function stageRows(
  session: LoadSession,
  plan: StageTarget,
  sideLaneBytes: number,
  openRows: () => CopyRows,
): Promise<StagedRows> {
  const { db, serverVersion } = session;
  // Even so a type may refuse a value outright: a domain whose CHECK divides by it, an extension's type.
  const lenient = serverVersion >= 170000 ? ', on_error ignore' : '';
  // Written as rows that everybody has long been able to see, no later scan has to ask about each of them and write that
  // down. PostgreSQL allows it only to the transaction that made the table.
  const copySql = (table: string) =>
    `copy ${table} (${copyColumns(plan)}) from stdin with (format text, freeze, ${COPY_NULL_OPTION}${lenient})`;
  const sideLane = createSideLane(session, plan, copySql);
  try {
    return await withTransaction(db, async () => {
      await createStage(db, plan);
      const startCopy = () => new CopyLanes(db.query(copyFrom(copySql(plan.stage))), sideLaneBytes, sideLane.open);
      const { staged, rowCount } = await drain(openRows(), startCopy);
      await sideLane.join();
      return { read: rowCount, staged };
    });
  } catch (error) {
    if (!isInputFault(error)) throw error;
  } finally {
    await sideLane.close();
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
  const copySql = `copy pg_temp.text_stage (${copyColumns(plan)}) from stdin with (format text, ${COPY_NULL_OPTION})`;
  const { rowCount } = await drain(openRows(), () => db.query(copyFrom(copySql)));
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

/** The rows that are in the file but not in the stage, part by part. */
export async function* findRefusedRows(db: DbClient, plan: LoadPlan, read: number): AsyncGenerator<RowRuns> {
  const whole = { table: plan.stage, firstRow: 1, rowCount: read, staged: 0 };
  for (const { table, firstRow, rowCount, staged } of plan.parts.length === 0 ? [whole] : plan.parts) {
    // A part from which nothing is missing need not be looked at.
    if (staged === rowCount) continue;
    const last = firstRow + rowCount - 1;
    let missing: RowRuns = [firstRow, last];
    // Each table has but some of the rows: what is missing is missing everywhere.
    for (const one of await tablesOf(db, table)) missing = inBoth(missing, await findGaps(db, one, firstRow, last));
    yield missing;
  }
}

function inBoth(one: RowRuns, other: RowRuns): RowRuns {
  const common: RowRuns = [];
  for (let a = 0, b = 0; a < one.length && b < other.length; ) {
    const last = one[a + 1] as number;
    const otherLast = other[b + 1] as number;
    const first = Math.max(one[a] as number, other[b] as number);
    if (first <= Math.min(last, otherLast)) common.push(first, Math.min(last, otherLast));
    if (last < otherLast) a += 2;
    else b += 2;
  }
  return common;
}

/**
 * The numbers that a table lacks. COPY wrote it in the file's order, so they are the gaps between neighbours, found by
 * passing over it; hashing a million numbers costs three times as much, and is what is done should a server hand the rows
 * over in another order.
 */
async function findGaps(db: DbClient, table: string, first: number, last: number): Promise<RowRuns> {
  const gaps = (order: string) => `
    select previous + 1, n - 1
      from (select lag(n, 1, ${first}::bigint - 1) over (${order}) as previous, n
              from (select n from only ${table} union all select ${last}::bigint + 1) as staged) as neighbours
     where n <> previous + 1`;
  const found = await readNumbers(db, gaps(''));
  const isInOrder = found.every((row, index) => index % 2 === 0 || row >= (found[index - 1] as number));
  return isInOrder ? found : readNumbers(db, gaps('order by n'));
}

/** The numbers a query answers with, row by row; half a million rows of an answer would take 100 MB. */
async function readNumbers(db: DbClient, query: string): Promise<number[]> {
  const numbers: number[] = [];
  let rest = '';
  for await (const chunk of db.query(copyTo(`copy (${query}) to stdout`))) {
    const cells = `${rest}${chunk}`.split(/[\t\n]/);
    rest = cells.pop() as string;
    for (const cell of cells) numbers.push(Number(cell));
  }
  return numbers;
}
