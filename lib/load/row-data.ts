import type { DbClient } from '../db/pool.ts';
import type { PickedRow } from '../formats/reader/reader.ts';

/** Reads rows of the file again, in the file's order. */
export type PickRows = (rowNumbers: number[]) => AsyncIterable<PickedRow>;

// Rows are sent to the database in batches: one statement per row would make 10,000 rejected rows cost seconds.
const BATCH_ROWS = 1000;

/** Makes the session's store of rows as they came. */
export async function createRowData(db: DbClient): Promise<void> {
  await db.query('drop table if exists pg_temp.row_data');
  await db.query('create temp table row_data (n bigint primary key, data jsonb not null)');
}

/** Reads the given rows again and keeps them as they came; `onBatch` sees them on the way. */
export async function keepRowData(
  db: DbClient,
  rowNumbers: number[],
  pickRows: PickRows,
  onBatch?: (rows: readonly PickedRow[]) => Promise<void>,
): Promise<void> {
  let batch: PickedRow[] = [];
  const flush = async () => {
    if (batch.length === 0) return;
    await db.query(
      `insert into pg_temp.row_data (n, data) select n, data::jsonb from unnest($1::bigint[], $2::text[]) as r(n, data)
       on conflict (n) do nothing`,
      [batch.map(({ row }) => row), batch.map(({ dataJson }) => dataJson)],
    );
    await onBatch?.(batch);
    batch = [];
  };
  if (rowNumbers.length === 0) return;
  for await (const picked of pickRows(rowNumbers)) {
    batch.push(picked);
    if (batch.length === BATCH_ROWS) await flush();
  }
  await flush();
}

/** Numbers of rows that have a fault but whose data is not kept yet. */
export async function rowsWithoutData(db: DbClient): Promise<number[]> {
  const { rows } = await db.query({
    text: `select distinct f.n from pg_temp.row_faults f
            where not exists (select 1 from pg_temp.row_data d where d.n = f.n) order by 1`,
    rowMode: 'array',
  });
  return rows.map(([n]) => Number(n));
}
