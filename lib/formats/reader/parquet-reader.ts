import { cellSql, escapeSql, jsonText, textOrJson } from './duckdb-cells.ts';
import { sqlText } from './duckdb-session.ts';
import { findColumn, openParquet, type ParquetColumn, type ParquetFile } from './parquet-file.ts';
import {
  type CellFault,
  type CopyColumn,
  type CopyCount,
  type FileDescription,
  MAX_WITHHELD_NUMBERS,
  type PickedRow,
  type ReaderLimits,
} from './protocol.ts';

/** Columns, row count and note of a Parquet file. */
export async function describeParquet(path: string, limits: ReaderLimits): Promise<FileDescription> {
  const file = await openParquet(path, limits);
  return {
    columns: file.columns.map(({ name, type, nested }) => ({ name, type, nested })),
    rowCount: file.rowCount,
    note: null,
  };
}

interface RowQuery {
  /** Cells `v0…`, conditions `f0…` and the row number `n`, counted from 1. */
  inner: string;
  cells: { name: string; text: string; needsEscape: boolean }[];
  faults: { name: string; when: string; fault: CellFault }[];
}

function planRows(file: ParquetFile, columns: CopyColumn[]): RowQuery {
  const faults: RowQuery['faults'] = [];
  const cells = columns.map(({ source, target }, index) => {
    const column = findColumn(file.columns, source);
    const cell = cellSql(column.reference, column.duckdbType, target);
    for (const { code, when, detail } of cell.faults) {
      faults.push({ name: `f${faults.length}`, when, fault: { column: source, code, detail } });
    }
    return { name: `v${index}`, text: cell.text, needsEscape: cell.needsEscape };
  });
  const texts = cells.map(({ name, text }) => `, ${text} AS ${name}`);
  return { inner: `SELECT file_row_number + 1 AS n${texts.join('')}`, cells, faults };
}

function anyFault({ faults }: RowQuery): string {
  return faults.length === 0 ? 'false' : `coalesce(${faults.map(({ when }) => when).join(' OR ')}, false)`;
}

/**
 * Writes the rows to the pipe as COPY text. DuckDB's CSV writer without quotes, and with a delimiter for a single
 * column, passes the bytes of each row on as they are; its `FORMAT blob` does as well, but one write per row.
 */
export async function copyParquet(
  path: string,
  columns: CopyColumn[],
  pipePath: string,
  limits: ReaderLimits,
): Promise<CopyCount> {
  const file = await openParquet(path, limits, [pipePath]);
  const query = planRows(file, columns);
  const fields = query.cells.map(
    ({ name, needsEscape }) => `, coalesce(${needsEscape ? escapeSql(name) : name}, chr(1))`,
  );
  const rows = `SELECT concat_ws(chr(9), n${fields.join('')}) FROM (${query.inner} FROM ${file.source} WHERE NOT ${anyFault(query)})`;
  const options = `FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x02', USE_TMP_FILE false`;
  return file.attempt(async (connection) => {
    const copied = await connection.run(`COPY (${rows}) TO ${sqlText(pipePath)} (${options})`);
    const withheldRows = file.rowCount - copied.rowsChanged;
    const withheldRowNumbers = withheldRows > 0 ? await findWithheld(file, query) : [];
    return { rowCount: file.rowCount, withheldRows, withheldRowNumbers };
  });
}

async function findWithheld(file: ParquetFile, query: RowQuery): Promise<number[]> {
  const sql = `SELECT file_row_number + 1 FROM ${file.source} WHERE ${anyFault(query)} LIMIT ${MAX_WITHHELD_NUMBERS}`;
  const reader = await file.connection.runAndReadAll(sql);
  return reader.getRows().map(([row]) => Number(row));
}

/** Reads a few rows again, in the order of the file. */
export async function* pickParquet(
  path: string,
  columns: CopyColumn[],
  rowNumbers: number[],
  limits: ReaderLimits,
): AsyncGenerator<PickedRow> {
  if (rowNumbers.length === 0) return;
  const file = await openParquet(path, limits);
  const query = planRows(file, columns);
  const wanted = rowNumbers.map((row) => BigInt(row) - 1n).join(', ');
  const conditions = query.faults.map(({ name, when }) => `, coalesce(${when}, false) AS ${name}`).join('');
  const sql = `${query.inner}, ${rowJson(file.columns, columns)} AS data${conditions} FROM ${file.source}
    WHERE file_row_number IN (SELECT unnest(CAST([${wanted}] AS BIGINT[])))`;
  const result = await file.attempt((connection) => connection.stream(sql));
  while (true) {
    const chunk = await file.attempt(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    for (const row of chunk.getRows()) yield pickedRow(row, query);
  }
}

function pickedRow(row: readonly unknown[], { cells, faults }: RowQuery): PickedRow {
  const values = row.slice(1, 1 + cells.length) as (string | null)[];
  const fault = faults.find((_fault, index) => row[2 + cells.length + index] === true)?.fault;
  return {
    row: Number(row[0]),
    dataJson: showNul(String(row[1 + cells.length])),
    cells: values.map((cell) => (cell?.includes('\0') ? null : cell)),
    ...(fault === undefined ? {} : { fault }),
  };
}

/** A whole row as a JSON object, names as the file has them. */
function rowJson(columns: ParquetColumn[], mapped: CopyColumn[]): string {
  const members = columns.map(({ name, reference, duckdbType }, index) => {
    const key = sqlText(`${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
    const isText = mapped.some(({ source, target }) => source === name && target !== 'bytea');
    const shown = isText ? textOrJson(reference, duckdbType) : jsonText(reference, duckdbType, 'display');
    return `, ${key}, ${shown}`;
  });
  return `concat('{'${members.join('')}, '}')`;
}

/** NUL cannot be stored in any text of PostgreSQL, jsonb included: it is shown as the symbol for it. */
export function showNul(json: string): string {
  // A backslash that is itself escaped begins no escape: pairs are passed over whole.
  const shown = (pair: string) => (pair === '\\u0000' ? '␀' : pair);
  return json.replaceAll('\0', '␀').replace(/\\(?:u0000|.)/gs, shown);
}
