import { z } from 'zod';
import type { DbPool } from '../db/pool.ts';
import { type Locale, translate } from '../i18n/translate.ts';
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

/** A page of rows in the file's order; one more than the limit, to tell whether there is a next page. */
export async function listRows(pool: DbPool, jobId: string, filter: RowFilter): Promise<StageRow[]> {
  const position = decodeCursor(filter.cursor, z.tuple([z.number().int()]));
  const { rows } = await pool.query(
    `select row_number as row, status, columns, data::text as data, faults from carga.stage_area
      where batch = $1 and status = $2 and row_number > $3 order by row_number limit $4`,
    [jobId, filter.status, position?.[0] ?? 0, filter.limit + 1],
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

/** A row as the wire carries it. */
export function toRowDto(row: StageRow, locale: Locale): RowDto {
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
  };
}
