import { arrayLiteral } from '../array-literal.ts';
import type { CsvOptions } from '../csv-scanner.ts';
import { FormatFault } from '../format-fault.ts';
import { normaliseCell } from '../normalise-cell.ts';
import {
  CELL_KINDS,
  KIND_JSON,
  KIND_MISSING,
  KIND_NULL,
  KIND_NUMBER,
  KIND_STRING,
  type RowBatch,
  type RowFault,
} from '../row-batch.ts';
import { surveyJson } from '../survey-json.ts';
import { copyCsvBytes } from './copy-csv.ts';
import { copyNdjsonBytes, ndjsonHeadColumns, surveyNdjson } from './copy-ndjson.ts';
import { CopyTally } from './copy-tally.ts';
import { CopyWriter, cellFault, onePerColumn, textFault } from './copy-text.ts';
import { fieldsJson } from './fields-json.ts';
import { bytesOf, guessRows, readHead } from './file-blocks.ts';
import {
  type ArrivingRows,
  type CellFault,
  type CellTarget,
  type CopyColumn,
  type CopyCount,
  categoryOf,
  elementOf,
  type FileChunk,
  type FileColumn,
  type FileDescription,
  type FileHead,
  type FilePart,
  type JudgedCells,
  type PickedRow,
  type ReaderLimits,
  type SourceFile,
} from './protocol.ts';
import { storableJson } from './storable-json.ts';
import { csvColumns, csvHead, csvOptionsOf, surveyCsv } from './survey-csv.ts';
import { openTextRows } from './text-rows.ts';
import type { WantedRows } from './wanted-rows.ts';

/**
 * Columns of a CSV, NDJSON or JSON file. JSON is read through once, since any row may bring a new column, and CSV to tell
 * its encoding. With `arrivingBytes` it may be done while the file, which will have so many, is still being written.
 */
export async function describeText(
  file: SourceFile,
  chunkRows: number | null,
  arrivingBytes?: number,
): Promise<FileDescription> {
  const range = { path: file.path, arrivingBytes };
  if (file.format === 'csv') {
    const { csv, chunks } = await surveyCsv(range, file.csv, chunkRows);
    const columns = (await csvColumns(range, csv)).map((name) => ({ name, type: 'text', nested: false }));
    return { columns, rowCount: lastRow(chunks), csv, chunks };
  }
  const plain = file.format === 'ndjson' ? await surveyNdjson(range, chunkRows) : null;
  if (plain !== null) {
    const { rowCount, chunks } = plain;
    return { columns: plain.columns.map(({ name, kinds }) => jsonColumn(name, kinds)), rowCount, chunks };
  }
  const survey = await surveyJson(bytesOf(range), { lines: file.format === 'ndjson' });
  const columns = survey.columns.map(({ name, counts }) => {
    const bits = CELL_KINDS.map((kind, code) => (counts[kind] > 0 ? 1 << code : 0));
    return jsonColumn(
      name,
      bits.reduce((all, bit) => all | bit, 0),
    );
  });
  return { columns, rowCount: survey.rowCount };
}

/** What the first bytes of a CSV or NDJSON file say while the others, `arrivingBytes` in all, arrive. */
export async function describeTextHead(file: SourceFile, arrivingBytes: number): Promise<FileHead | null> {
  const range = { path: file.path, arrivingBytes };
  if (file.format === 'csv') return csvHead(range, file.csv);
  const { head, size } = await readHead(range);
  const columns = (await ndjsonHeadColumns(range)).map((name) => ({ name }));
  return columns.length === 0 ? null : { columns, rowsGuess: guessRows(head, size) };
}

function jsonColumn(name: string, kindBits: number): FileColumn {
  const kinds = CELL_KINDS.filter((_, code) => code !== KIND_MISSING && code !== KIND_NULL && kindBits & (1 << code));
  return { name, type: kinds.join(' | ') || 'null', nested: (kindBits & (1 << KIND_JSON)) !== 0 };
}

function lastRow(chunks: FileChunk[] | null): number | null {
  const last = chunks?.at(-1);
  return last === undefined ? null : last.firstRow + last.rowCount - 1;
}

/** Reads the cells of one column of a batch. */
type ReadCell = (row: number) => string | null;

function planCells(batch: RowBatch, columns: CopyColumn[], csv: CsvOptions | null): ReadCell[] {
  return columns.map(({ source, target }) => {
    const position = batch.columns.indexOf(source);
    const cells = batch.cells[position];
    if (cells === undefined) return () => null;
    const category = categoryOf(target);
    const element = elementOf(target);
    if (element !== null) {
      return (row) => {
        const cell = cells[row] ?? null;
        return cell === null || (csv !== null && cell === '') ? null : arrayLiteral(cell, element);
      };
    }
    if (csv !== null) {
      if (target === 'text') return (row) => cells[row] ?? null;
      // Of the types only text has an empty value; programs that quote every field write NULL as a pair of quotes.
      return (row) => {
        const cell = cells[row] || null;
        return cell === null ? null : normaliseCell(cell, csv, category);
      };
    }
    const kinds = batch.kinds?.[position];
    return (row) => jsonCell(cells[row] ?? null, kinds?.[row] ?? KIND_STRING, target);
  });
}

function jsonCell(cell: string | null, kind: number, target: CellTarget): string | null {
  if (cell === null) return null;
  if (target === 'json') return kind === KIND_STRING ? JSON.stringify(cell) : cell;
  // Programs that know only floats write 7.0 for 7, which an integer column would refuse.
  if (target === 'integer' && kind === KIND_NUMBER) return cell.replace(/\.0+$/, '');
  return cell;
}

function faultsOf(cells: (string | null)[], columns: CopyColumn[]): CellFault[] {
  const faults = cells.flatMap((cell, index) => {
    const code = cell === null ? null : textFault(cell);
    return code === null ? [] : [cellFault(columns[index]?.source as string, code)];
  });
  return onePerColumn(faults);
}

/** What PostgreSQL can be asked about, and what is wrong with the rest. */
function judgeCells(cells: (string | null)[], columns: CopyColumn[], rowFault: RowFault | undefined): JudgedCells {
  return {
    cells: cells.map((cell) => (cell === null || textFault(cell) !== null ? null : cell)),
    faults: rowFault ? [{ column: null, code: rowFault.code, detail: rowFault.detail }] : faultsOf(cells, columns),
  };
}

function isStorable(cells: (string | null)[]): boolean {
  return cells.every((cell) => cell === null || textFault(cell) === null);
}

function rowFaultsOf(batch: RowBatch): Map<number, RowFault> {
  const faults = 'rowFaults' in batch ? (batch.rowFaults as RowFault[]) : [];
  return new Map(faults.map((fault) => [fault.row, fault]));
}

/**
 * Writes the rows to the pipe as COPY text.
 * @param arriving the file is still being written; its CSV options are all given
 * @returns null where such a file has to be read again once it is whole: it has a column more, or only the scanners can
 * tell its rows
 */
export async function copyText(
  file: SourceFile,
  columns: CopyColumn[],
  pipePath: string,
  limits: ReaderLimits,
  part: FilePart | null,
  arriving?: ArrivingRows,
): Promise<CopyCount | null> {
  const writer = new CopyWriter(pipePath);
  const tally = new CopyTally(part?.firstRow ?? 1, limits);
  if (arriving !== undefined) {
    const { restAt } = await copyRowBytes(file, columns, writer, part, tally, arriving);
    if (restAt !== null) return null;
    writer.close();
    return tally.count;
  }
  const csv = file.format === 'csv' ? await csvOptionsOf(file) : null;
  await copyRows(csv === null ? file : { ...file, csv }, columns, writer, part, tally);
  const { rowCount } = tally;
  const missing = columns.find(({ source }) => !tally.columns.includes(source));
  if (part === null && missing !== undefined && (rowCount > 0 || csv !== null)) {
    throw new FormatFault('missing_column', `The file has no column ${JSON.stringify(missing.source)}.`);
  }
  writer.close();
  if (part === null || rowCount === part.rowCount) return tally.count;
  throw new FormatFault('reader_failed', `${rowCount} rows were read where ${part.rowCount} had been counted.`);
}

/** Writes the rows; false where the scanner had to help. */
export async function copyRows(
  file: SourceFile,
  columns: CopyColumn[],
  writer: CopyWriter,
  part: FilePart | null,
  tally: CopyTally,
): Promise<boolean> {
  const { restAt } = await copyRowBytes(file, columns, writer, part, tally);
  if (restAt === null) return true;
  const rest = file.format === 'csv' ? restOf(restAt, file.csv as CsvOptions, part, tally) : part;
  await copyScannedRows(file, columns, writer, rest, tally);
  return false;
}

/** Writes the rows that can be told by bytes; `restAt` is where the scanner has to go on, null where it has not. */
async function copyRowBytes(
  file: SourceFile,
  columns: CopyColumn[],
  writer: CopyWriter,
  part: FilePart | null,
  tally: CopyTally,
  arriving?: ArrivingRows,
): Promise<{ restAt: number | null }> {
  const range = { path: file.path, from: part?.from, to: part?.to, arrivingBytes: arriving?.bytes };
  if (file.format === 'csv') {
    const fileColumns = part?.fileColumns ?? null;
    return { restAt: await copyCsvBytes(range, fileColumns, file.csv as CsvOptions, columns, writer, tally) };
  }
  const isWhole =
    file.format === 'ndjson' && (await copyNdjsonBytes(range, columns, writer, tally, arriving?.columnCount));
  return { restAt: isWhole ? null : 0 };
}

/** What the scanner reads: the rest, or, where offsets count other bytes than the file's, all of it again. */
function restOf(from: number, csv: CsvOptions, part: FilePart | null, tally: CopyTally): FilePart | null {
  if (tally.rowCount === 0 || new TextDecoder(csv.encoding).encoding !== 'utf-8') return part;
  return { from, to: part?.to ?? null, firstRow: tally.nextRow, rowCount: 0, fileColumns: [...tally.columns] };
}

/** Writes the rows that were not counted yet, by the scanners, which know of everything. */
export async function copyScannedRows(
  file: SourceFile,
  columns: CopyColumn[],
  writer: CopyWriter,
  part: FilePart | null,
  tally: CopyTally,
): Promise<void> {
  const { batches, csv } = await openTextRows(file, part);
  for await (const batch of batches) {
    tally.columns = batch.columns;
    const readers = planCells(batch, columns, csv);
    const rowFaults = rowFaultsOf(batch);
    for (let index = Math.max(0, tally.nextRow - batch.firstRow); index < batch.rowCount; index++) {
      const row = batch.firstRow + index;
      const cells = readers.map((read) => read(index));
      const isWithheld = rowFaults.has(row) || !isStorable(cells);
      if (!isWithheld) writer.write(row, cells);
      tally.add(isWithheld);
    }
  }
}

/** Reads a few rows again, in the order of the file. */
export async function* pickText(
  file: SourceFile,
  columns: CopyColumn[],
  wanted: WantedRows,
): AsyncGenerator<PickedRow> {
  const { batches, csv } = await openTextRows(file);
  for await (const batch of batches) {
    const readers = planCells(batch, columns, csv);
    const rowFaults = rowFaultsOf(batch);
    for (let index = 0; index < batch.rowCount; index++) {
      const row = batch.firstRow + index;
      if (!wanted.isWanted(row)) continue;
      const rowFault = rowFaults.get(row);
      yield {
        row,
        dataJson: storableJson(
          rowFault === undefined ? rowJson(batch, index) : fieldsJson(batch.columns, rowFault.fields),
        ),
        judged: wanted.isJudged
          ? judgeCells(
              readers.map((read) => read(index)),
              columns,
              rowFault,
            )
          : null,
      };
      wanted.advance();
      if (wanted.row === Number.POSITIVE_INFINITY) return;
    }
  }
}

/** A row of a text file as a JSON object. */
export function rowJson(batch: RowBatch, row: number): string {
  const members = batch.columns.flatMap((name, position) => {
    const kind = batch.kinds?.[position]?.[row] ?? KIND_STRING;
    const cell = batch.cells[position]?.[row] ?? null;
    if (kind === KIND_MISSING) return [];
    const value = cell === null ? 'null' : kind === KIND_STRING ? JSON.stringify(cell) : oneLine(cell, kind);
    return [`${JSON.stringify(name)}:${value}`];
  });
  return `{${members.join(',')}}`;
}

/** Line breaks inside JSON stand between tokens only. */
function oneLine(cell: string, kind: number): string {
  return kind === KIND_JSON ? cell.replace(/[\r\n]+[ \t]*/g, '') : cell;
}
