import type { DbPool } from '../db/pool.ts';
import { convertToParquet } from '../formats/convert-to-parquet.ts';
import { ADDED_COLUMNS, guardFormula } from '../formats/formula-guard.ts';
import type { Locale } from '../i18n/locales.ts';
import { faultMessage, listRows, type StageRow } from './job-rows.ts';
import { encodeCursor } from './paging.ts';
import type { CsvDelimiter, ErrorFormat } from './query-schemas.ts';

const BATCH_ROWS = 1000;
/** A spreadsheet takes a CSV file without the mark for Windows-1252. */
export const BYTE_ORDER_MARK = '\ufeff';
const ADDED: ReadonlySet<string> = new Set(ADDED_COLUMNS);

async function* rejectedRows(pool: DbPool, jobId: string): AsyncGenerator<StageRow> {
  let cursor: string | null = null;
  while (true) {
    const rows: StageRow[] = await listRows(pool, jobId, { limit: BATCH_ROWS, cursor, status: 'ER' });
    // A file that was mended once and failed again brought these columns itself.
    for (const row of rows.slice(0, BATCH_ROWS)) {
      yield { ...row, columns: row.columns.filter((name) => !ADDED.has(name)) };
    }
    const last = rows[BATCH_ROWS - 1];
    if (rows.length <= BATCH_ROWS || last === undefined) return;
    cursor = encodeCursor([last.row]);
  }
}

const additions = (row: StageRow, locale: Locale) => ({
  _row: row.row,
  _column: row.faults.map(({ column }) => column ?? '').join('; '),
  _code: row.faults.map(({ code }) => code).join('; '),
  _message: row.faults.map((fault) => faultMessage(fault, locale)).join('; '),
});

/** A value as a CSV cell: text as it is, sub-levels as JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Cells as a line of CSV. */
export function csvLine(texts: readonly string[], delimiter: CsvDelimiter = ','): string {
  return `${texts.map(csvCell).join(delimiter)}\r\n`;
}

/** Quotes a CSV cell, guarded against spreadsheets that would run it as a formula. */
function csvCell(text: string): string {
  const safe = guardFormula(text);
  return /[",;\r\n']/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function orderedRow(row: StageRow, locale: Locale): Record<string, unknown> {
  return {
    ...Object.fromEntries(
      row.columns.filter((name) => Object.hasOwn(row.data, name)).map((name) => [name, row.data[name]]),
    ),
    ...additions(row, locale),
  };
}

/** The job's rejected rows as a text file, in the file's order, with the columns as they came. */
export async function* rejectedRowsAsText(
  pool: DbPool,
  jobId: string,
  format: Exclude<ErrorFormat, 'parquet'>,
  locale: Locale,
  delimiter: CsvDelimiter = ',',
): AsyncGenerator<string> {
  let isFirst = true;
  if (format === 'json') yield '[';
  for await (const row of rejectedRows(pool, jobId)) {
    if (format === 'csv') {
      if (isFirst) yield BYTE_ORDER_MARK + csvLine([...row.columns, ...ADDED_COLUMNS], delimiter);
      const added = additions(row, locale);
      const own = (name: string) => (Object.hasOwn(row.data, name) ? row.data[name] : null);
      const cells = [...row.columns.map(own), ...ADDED_COLUMNS.map((name) => added[name])];
      // A field of nothing is null, as it is read again.
      yield `${cells.map((value) => (value === '' ? '""' : csvCell(cellText(value)))).join(delimiter)}\r\n`;
    } else if (format === 'ndjson') yield `${JSON.stringify(orderedRow(row, locale))}\n`;
    else yield `${isFirst ? '\n' : ',\n'}${JSON.stringify(orderedRow(row, locale))}`;
    isFirst = false;
  }
  if (format === 'json') yield '\n]\n';
  // Without a row nobody knows the file's own columns; a CSV of no line at all would be no CSV.
  else if (format === 'csv' && isFirst) yield BYTE_ORDER_MARK + csvLine(ADDED_COLUMNS, delimiter);
}

/** The same as Parquet, every column as text. */
export async function rejectedRowsAsParquet(
  pool: DbPool,
  jobId: string,
  locale: Locale,
): Promise<ReadableStream<Uint8Array>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const open = async function* () {
    for await (const text of rejectedRowsAsText(pool, jobId, 'ndjson', locale)) yield encoder.encode(text);
  };
  const sink = { write: (bytes: Uint8Array) => writer.write(bytes), close: () => writer.close() };
  convertToParquet({ open, format: 'ndjson', sink }).catch((error) => writer.abort(error).catch(() => {}));
  return readable;
}
