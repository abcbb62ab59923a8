import { z } from 'zod';
import type { DbPool } from '../db/pool.ts';
import type { Locale } from '../i18n/locales.ts';
import { translate } from '../i18n/translate.ts';
import type { RowFault } from '../job/row-faults.ts';
import { parseExactJson } from './exact-json.ts';
import { decodeCursor } from './paging.ts';
import type { RowFilter } from './query-schemas.ts';
import type { RowDto } from './schemas.ts';

/** A refused or skipped row as the database hands it over. */
export interface StageRow {
  row: number;
  status: 'ER' | 'SK';
  columns: string[];
  /** The row as it came; numbers that a double would change only JSON.stringify can read. */
  data: Record<string, unknown>;
  faults: RowFault[];
}

/** Which rows are asked for. */
export type RowQuestion = Pick<RowFilter, 'status' | 'limit' | 'cursor'> &
  Partial<Pick<RowFilter, 'q' | 'code' | 'column'>>;

/** A page of rows in the file's order; one more than the limit, to tell whether there is a next page. */
export async function listRows(pool: DbPool, jobId: string, filter: RowQuestion): Promise<StageRow[]> {
  const position = decodeCursor(filter.cursor, z.tuple([z.number().int()]));
  const values: unknown[] = [jobId, filter.status, position?.[0] ?? 0, filter.limit + 1];
  const conditions: string[] = [];
  if (filter.code !== undefined || filter.column !== undefined) {
    // An empty name stands for faults of the row as a whole.
    const column = filter.column === '' ? null : filter.column;
    values.push(JSON.stringify([{ code: filter.code, column }]));
    conditions.push(`and faults @> $${values.length}::jsonb`);
  }
  if (filter.q) {
    values.push(`%${filter.q.replace(/[\\%_]/g, '\\$&')}%`, filter.q);
    const [pattern, exact] = [`$${values.length - 1}`, `$${values.length}`];
    conditions.push(
      `and (row_number::text = ${exact} or status_message ilike ${pattern}
            or exists (select 1 from jsonb_each_text(data) cell where cell.value ilike ${pattern}))`,
    );
  }
  const { rows } = await pool.query(
    `select row_number as row, status, columns, data::text as data, faults from carga.stage_area
      where batch = $1 and status = $2 and row_number > $3 ${conditions.join(' ')} order by row_number limit $4`,
    values,
  );
  return rows.map((row) => ({ ...row, data: parseExactJson(row.data) as StageRow['data'] }));
}

/** What a fault says to a person: our own words for its code, then PostgreSQL's. */
export function faultMessage(fault: RowFault, locale: Locale): string {
  const words = translate(locale, `rowFaults.${fault.code}`, {
    column: fault.column,
    value: fault.value,
    message: fault.message,
    row: fault.code === 'duplicate_key' ? fault.message : null,
  });
  return fault.message === null || fault.code === 'duplicate_key' ? words : `${words} (${fault.message})`;
}

/** The row's cells in the file's order; numbers and sub-levels as they were written. */
function cellsOf({ columns, data }: StageRow): NonNullable<RowDto['cells']> {
  const names = [...columns, ...Object.keys(data).filter((name) => !columns.includes(name))];
  return names.map((column) => {
    const value = Object.hasOwn(data, column) ? data[column] : undefined;
    if (value === undefined) return { column, kind: 'missing', text: '' };
    if (value === null) return { column, kind: 'null', text: '' };
    if (typeof value === 'string') return { column, kind: 'text', text: value };
    const text = JSON.stringify(value);
    if (typeof value === 'boolean') return { column, kind: 'boolean', text };
    // A number that a double would change is an object that only JSON.stringify can read.
    return { column, kind: text.startsWith('{') || text.startsWith('[') ? 'json' : 'number', text };
  });
}

/** A row as the wire carries it. */
export function toRowDto(row: StageRow, locale: Locale, withCells = false): RowDto {
  const faults = row.faults.map((fault) => ({
    column: fault.column,
    code: fault.code,
    message: faultMessage(fault, locale),
    value: fault.value,
  }));
  const [first] = faults;
  return {
    row: row.row,
    status: row.status,
    column: first?.column ?? null,
    code: first?.code ?? 'rejected',
    message: first?.message ?? '',
    data: row.data,
    faults,
    ...(withCells ? { cells: cellsOf(row) } : {}),
  };
}
