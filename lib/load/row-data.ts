import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { DbClient } from '../db/pool.ts';
import type { RowsReadAgain } from '../formats/reader/reader.ts';
import { judgeRows } from './judge-rows.ts';
import type { LoadPlan } from './load-plan.ts';
import { NOT_JUDGED } from './reject-rows.ts';
import { keepKeysOfRefusedRows } from './snapshot.ts';
import { COPY_NULL_OPTION } from './stage-rows.ts';

/** How rows of the file are read again, in a process of its own. */
export interface SecondReading {
  /** For what goes to it and comes from it. */
  directory: string;
  /** See {@link readRowsAgain}. */
  start(wantedPath: string, outputPath: string): RowsReadAgain;
}

/** Makes the session's store of rows as they came; `cells` and `faults` are there for rows that COPY refused. */
export async function createRowData(db: DbClient): Promise<void> {
  await db.query('drop table if exists pg_temp.row_data');
  await db.query('create temp table row_data (n bigint primary key, data jsonb not null, cells jsonb, faults jsonb)');
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
  context: { secondReading: SecondReading; serverVersion: number },
): Promise<PendingRowData> {
  const { directory, start } = context.secondReading;
  const wantedPath = path.join(directory, 'wanted');
  const wanted = db.query(
    copyTo(
      `copy (select f.n, bool_or(f.code = '${NOT_JUDGED}') from pg_temp.row_faults f
              where not exists (select 1 from pg_temp.row_data d where d.n = f.n) group by f.n order by f.n) to stdout`,
    ),
  );
  await pipeline(wanted, createWriteStream(wantedPath));
  if (wanted.rowCount === 0) return { keep: async () => {}, stop: () => {} };
  const reading = start(wantedPath, path.join(directory, 'again'));
  const keepRows = async () => {
    await reading.done;
    const copy = db.query(copyFrom(`copy pg_temp.row_data from stdin with (${COPY_NULL_OPTION})`));
    await pipeline(createReadStream(reading.path), copy);
    await rm(reading.path, { force: true });
    const { rows } = await db.query(
      `select exists (select 1 from pg_temp.row_faults where code = '${NOT_JUDGED}') as some`,
    );
    if (!rows[0].some) return;
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
