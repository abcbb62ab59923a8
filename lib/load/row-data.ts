import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { DbClient } from '../db/pool.ts';
import type { RowsReadAgain, WantedRows } from '../formats/reader/reader.ts';
import type { LoadPlan } from './load-plan.ts';
import { judgeRows, NOT_JUDGED } from './reject-rows.ts';
import { keepKeysOfRefusedRows } from './snapshot.ts';
import { COPY_NULL_OPTION } from './stage-rows.ts';

/** Starts reading rows of the file again, in a process of its own. */
export type ReadAgain = (rows: WantedRows) => RowsReadAgain;

/** Makes the session's store of rows as they came; `cells` and `faults` are there for rows that COPY refused. */
export async function createRowData(db: DbClient): Promise<void> {
  await db.query('drop table if exists pg_temp.row_data');
  await db.query('create temp table row_data (n bigint primary key, data jsonb not null, cells json, faults json)');
}

/** Rows that are being read again while something else goes on. */
export interface PendingRowData {
  /** Waits for the rows, keeps them, and judges those that COPY refused; once, however often it is called. */
  keep(): Promise<void>;
  /** Gives them up. */
  stop(): void;
}

/**
 * Starts reading the rows of the session's list that are not kept yet: a second pass over the file, on another core
 * while PostgreSQL merges. What it finds goes from its process to PostgreSQL as it is; nobody holds it.
 */
export async function startRowData(
  db: DbClient,
  plan: LoadPlan,
  context: { readAgain: ReadAgain; serverVersion: number },
): Promise<PendingRowData> {
  const { rows } = await db.query({
    text: `select f.n, bool_or(f.code = '${NOT_JUDGED}')
             from pg_temp.row_faults f
            where not exists (select 1 from pg_temp.row_data d where d.n = f.n) group by f.n order by f.n`,
    rowMode: 'array',
  });
  if (rows.length === 0) return { keep: async () => {}, stop: () => {} };
  const rowNumbers = rows.map(([n]) => Number(n));
  const judged = rows.filter(([, isUnread]) => isUnread).map(([n]) => Number(n));
  const reading = context.readAgain({ rowNumbers, judged });
  const keepRows = async () => {
    await reading.done;
    const copy = db.query(copyFrom(`copy pg_temp.row_data from stdin with (${COPY_NULL_OPTION})`));
    await pipeline(createReadStream(reading.path), copy);
    await rm(reading.path, { force: true });
    if (judged.length === 0) return;
    await judgeRows(db, plan, context.serverVersion);
    await keepKeysOfRefusedRows(db, plan);
  };
  let kept: Promise<void> | undefined;
  return {
    keep() {
      kept ??= keepRows();
      return kept;
    },
    stop: reading.kill,
  };
}
