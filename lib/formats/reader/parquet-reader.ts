import type { DuckDBConnection } from '@duckdb/node-api';
import { FormatFault } from '../format-fault.ts';
import { readRowFault, restoreRowsAsJson } from '../restore-rows.ts';
import type { SourceNote } from '../source-note.ts';
import { onePerColumn } from './copy-text.ts';
import { cellSql, escapeSql } from './duckdb-cells.ts';
import { jsonText, textOrJson } from './duckdb-json.ts';
import { sqlText } from './duckdb-session.ts';
import { fieldsJson } from './fields-json.ts';
import { findLost, LOSSES, LOST_ROWS, lostCode, mayBeMisread, sidePath } from './misread-values.ts';
import { notedCellSql } from './noted-cells.ts';
import { checkPages } from './page-checksums.ts';
import { findColumn, openParquet, type ParquetColumn, type ParquetFile } from './parquet-file.ts';
import {
  type CellFault,
  type CopyColumn,
  type CopyCount,
  type FileChunk,
  type FileDescription,
  type FilePart,
  type JudgedCells,
  MAX_WITHHELD_NUMBERS,
  type PickedRow,
  type ReaderLimits,
} from './protocol.ts';
import { storableJson } from './storable-json.ts';
import type { WantedRows } from './wanted-rows.ts';

/** Columns, row count and note of a Parquet file. */
export async function describeParquet(
  path: string,
  limits: ReaderLimits,
  chunkRows: number | null,
): Promise<FileDescription> {
  const file = await openParquet(path, limits);
  return {
    columns: file.columns.map(({ name, type, nested }) => ({ name, type, nested })),
    rowCount: file.rowCount,
    note: file.note,
    chunks: chunkRows === null ? undefined : rowGroupChunks(file, chunkRows),
  };
}

/** Whole row groups, gathered to about so many rows each: a range of rows that begins inside a group unpacks it twice. */
function rowGroupChunks(file: ParquetFile, chunkRows: number): FileChunk[] | null {
  const count = Math.floor(file.rowCount / chunkRows);
  if (count < 2) return null;
  const chunks: FileChunk[] = [];
  let firstRow = 1;
  let row = 1;
  for (const rows of file.groupRows) {
    row += rows;
    if ((row - 1) * count < file.rowCount * (chunks.length + 1)) continue;
    chunks.push({ firstRow, rowCount: row - firstRow, from: null, to: null });
    firstRow = row;
  }
  // Row groups that do not add up to the file are for the reader of rows to judge.
  return chunks.length < 2 || row - 1 !== file.rowCount || firstRow !== row ? null : chunks;
}

interface RowQuery {
  /** Cells `v0…`, conditions `f0…` and the row number `n`, counted from 1. */
  inner: string;
  cells: { source: string; name: string; text: string; needsEscape: boolean }[];
  faults: { name: string; when: string; fault: CellFault }[];
  /** Column in which the conversion from CSV noted rows that do not fit their table. */
  rowFault: string | null;
}

async function planRows(file: ParquetFile, columns: CopyColumn[], side: string): Promise<RowQuery> {
  const faults: RowQuery['faults'] = [];
  const lost = await findLosses(file, columns, side);
  const cells = columns.map(({ source, target }, index) => {
    const column = findColumn(file.columns, source);
    if (column.hasBson && target !== 'bytea') {
      const detail = `Column ${JSON.stringify(source)} holds BSON, which only a column of bytes (bytea) takes as it is.`;
      throw new FormatFault('unsupported_type', detail);
    }
    const cell =
      file.note === null || column.noted === null
        ? cellSql(column.reference, column.duckdbType, target)
        : notedCellSql(column.reference, column.noted, target, file.note, file.deviations);
    for (const { code, when, detail } of cell.faults) {
      faults.push({ name: `f${faults.length}`, when, fault: { column: source, code, detail } });
    }
    for (const loss of LOSSES) {
      const lossCode = lostCode(index, loss);
      if (!lost.has(lossCode)) continue;
      const when = `file_row_number IN (SELECT n FROM ${LOST_ROWS} WHERE c = ${lossCode})`;
      faults.push({ name: `f${faults.length}`, when, fault: { column: source, ...LOSS_FAULTS[loss] } });
    }
    return { source, name: `v${index}`, text: cell.text, needsEscape: cell.needsEscape };
  });
  const texts = cells.map(({ name, text }) => `, ${text} AS ${name}`);
  const rowFault = file.note?.format === 'csv' ? file.deviations : null;
  return { rowFault, inner: `SELECT file_row_number + 1 AS n${texts.join('')}`, cells, faults };
}

const LOSS_FAULTS = {
  nanoseconds: { code: 'precision_lost', detail: 'The value has nanoseconds; PostgreSQL keeps microseconds.' },
  meaning: { code: 'invalid_value', detail: 'The value is outside the range of its type.' },
} as const;

/** What some rows of the columns lose when DuckDB reads them, by {@link lostCode}. */
async function findLosses(file: ParquetFile, columns: CopyColumn[], side: string): Promise<Set<number>> {
  const suspects = columns.flatMap(({ source }, index) => {
    const { schema } = findColumn(file.columns, source);
    return mayBeMisread(schema) ? [[index, schema] as const] : [];
  });
  if (suspects.length === 0) return new Set();
  return file.attempt((connection) => findLost(connection, file.path, side, new Map(suspects)));
}

function anyFault({ faults, rowFault }: RowQuery): string {
  const conditions = faults.map(({ when }) => when);
  if (rowFault !== null) conditions.push(`${rowFault} IS NOT NULL`);
  return conditions.length === 0 ? 'false' : `coalesce(${conditions.join(' OR ')}, false)`;
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
  part: FilePart | null,
): Promise<CopyCount> {
  const side = sidePath();
  const file = await openParquet(path, limits, [pipePath, side]);
  // Made from JSON without a row, it says nothing of columns, whichever are asked for.
  if (file.rowCount === 0 && file.columns.length === 0) return { rowCount: 0, withheldRows: 0, withheldRowNumbers: [] };
  const query = await planRows(file, columns, side);
  const fields = query.cells.map(
    ({ name, needsEscape }) => `, coalesce(${needsEscape ? escapeSql(name) : name}, chr(1))`,
  );
  const rows = `SELECT concat_ws(chr(9), n${fields.join('')}) FROM (${query.inner} FROM ${file.source} WHERE NOT ${anyFault(query)}${inPart(part)})`;
  const options = `FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x02', USE_TMP_FILE false`;
  return file.attempt(async (connection) => {
    // Beside each other: DuckDB has a thread of its own.
    const [copied] = await Promise.all([
      connection.run(`COPY (${rows}) TO ${sqlText(pipePath)} (${options})`),
      checkPages(path, part),
    ]);
    const rowCount = part?.rowCount ?? file.rowCount;
    const withheldRows = rowCount - copied.rowsChanged;
    const withheldRowNumbers = withheldRows > 0 ? await findWithheld(file, query, part) : [];
    if (withheldRowNumbers.length !== Math.min(withheldRows, MAX_WITHHELD_NUMBERS)) {
      throw new FormatFault('corrupt_file', 'The row groups hold another number of rows than the footer says.');
    }
    return { rowCount, withheldRows, withheldRowNumbers };
  });
}

/** DuckDB passes over the row groups outside, unread: 100,000 of 3M rows took a fifteenth of the CPU of all. */
function inPart(part: FilePart | null): string {
  if (part === null) return '';
  const first = part.firstRow - 1;
  return ` AND file_row_number >= ${first} AND file_row_number < ${first + part.rowCount}`;
}

async function findWithheld(file: ParquetFile, query: RowQuery, part: FilePart | null): Promise<number[]> {
  const sql = `SELECT file_row_number + 1 FROM ${file.source} WHERE ${anyFault(query)}${inPart(part)} LIMIT ${MAX_WITHHELD_NUMBERS}`;
  const reader = await file.connection.runAndReadAll(sql);
  return reader.getRows().map(([row]) => Number(row));
}

/** Reads a few rows again, in the order of the file. Cells and faults come with those that are judged. */
export async function* pickParquet(
  path: string,
  columns: CopyColumn[],
  wanted: WantedRows,
  limits: ReaderLimits,
): AsyncGenerator<PickedRow> {
  const side = sidePath();
  const file = await openParquet(path, limits, [side]);
  const query = await planRows(file, columns, side);
  // A value less per row to hand over is 1 µs: of 154k rows, most not judged, all of them took 4.3 s, the data alone 1.5.
  const cells = query.cells.map(({ name }) => `CASE WHEN contains(${name}, chr(0)) THEN NULL ELSE ${name} END`);
  const faults = query.faults.map(({ name }) => name);
  const conditions = query.faults.map(
    ({ name, when }) => `, CASE WHEN judged THEN coalesce(${when}, false) END AS ${name}`,
  );
  const ifJudged = (list: string[]) => `CASE WHEN judged THEN CAST(to_json([${list.join(', ')}]) AS VARCHAR) END`;
  const data = file.note === null ? `, ${rowJson(file.columns, columns)}` : notedCells(file);
  await file.attempt((connection) => keepWanted(connection, wanted));
  const sql = `SELECT n, ${ifJudged(cells)}, ${ifJudged(faults)}${data}
    FROM (${query.inner}${conditions.join('')}, judged, file.* FROM ${file.source} JOIN wanted ON file_row_number = wanted.row_number)`;
  const result = await file.attempt((connection) => connection.stream(sql));
  while (true) {
    const chunk = await file.attempt(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    for (const row of chunk.getRows()) yield pickedRow(row, query, file);
  }
}

/** As a table: 143k numbers in a list took twice the CPU and 60 MB more, in the statement 300 MB more. */
async function keepWanted(connection: DuckDBConnection, wanted: WantedRows): Promise<void> {
  await connection.run('CREATE TEMP TABLE wanted (row_number BIGINT, judged BOOLEAN)');
  const appender = await connection.createAppender('wanted');
  for (; wanted.row !== Number.POSITIVE_INFINITY; wanted.advance()) {
    appender.appendBigInt(BigInt(wanted.row) - 1n);
    appender.appendBoolean(wanted.isJudged);
    appender.endRow();
  }
  appender.closeSync();
}

function pickedRow(row: readonly unknown[], query: RowQuery, file: ParquetFile): PickedRow {
  const [number, cells, conditions, ...data] = row as (string | null)[];
  const noted = file.note === null ? { json: String(data[0]), fault: null } : notedRow(file.note, file.columns, data);
  const judged = cells === null || cells === undefined ? null : judgedCells(cells, String(conditions), query);
  if (judged !== null && noted.fault !== null) judged.faults = [noted.fault];
  return { row: Number(number), dataJson: storableJson(noted.json), judged };
}

function judgedCells(cells: string, conditions: string, query: RowQuery): JudgedCells {
  const isSo: boolean[] = JSON.parse(conditions);
  const faults = query.faults.filter((_fault, index) => isSo[index]).map(({ fault }) => fault);
  const values: (string | null)[] = JSON.parse(cells);
  // What stands for a value that is none would be a second fault, of PostgreSQL's.
  const isNone = ({ source }: RowQuery['cells'][number]) =>
    faults.some(({ column, code }) => column === source && code === 'invalid_value');
  return {
    cells: values.map((value, index) => (isNone(query.cells[index] as RowQuery['cells'][number]) ? null : value)),
    faults: onePerColumn(faults),
  };
}

function notedCells(file: ParquetFile): string {
  const references = file.columns.map(({ reference }) => reference);
  if (file.deviations !== null) references.push(file.deviations);
  return references.map((reference) => `, CAST(${reference} AS VARCHAR)`).join('');
}

/** A row of a file that was made from CSV or JSON, as the JSON it was; CSV rows that do not fit show their fields. */
function notedRow(
  note: SourceNote,
  columns: ParquetColumn[],
  cells: (string | null)[],
): { json: string; fault: CellFault | null } {
  const names = columns.map(({ name }) => name);
  const deviation = note.deviations === null ? null : (cells.at(-1) ?? null);
  const rowFault = readRowFault(note, deviation);
  if (rowFault !== null) {
    const detail = ROW_FAULTS[rowFault.code](rowFault.fields.length, names.length);
    return { json: fieldsJson(names, rowFault.fields), fault: { column: null, code: rowFault.code, detail } };
  }
  const all = note.deviations === null ? names : [...names, note.deviations];
  const json = restoreRowsAsJson(
    note,
    all,
    cells.map((cell) => [cell]),
  )[0] as string;
  const isUnreadable = note.format === 'csv' && deviation !== null;
  const fault = { column: null, code: 'malformed_quotes', detail: 'The row did not fit its table.' } as const;
  return { json, fault: isUnreadable ? fault : null };
}

const ROW_FAULTS = {
  too_few_fields: (found: number, expected: number) => `The row has ${found} fields instead of ${expected}.`,
  too_many_fields: (found: number, expected: number) => `The row has ${found} fields instead of ${expected}.`,
  malformed_quotes: () => 'A quoted field is not closed, or text follows its closing quote.',
};

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
