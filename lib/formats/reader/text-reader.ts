import { arrayLiteral } from '../array-literal.ts';
import type { CsvOptions } from '../csv-scanner.ts';
import { FormatFault } from '../format-fault.ts';
import { normaliseCell, type TargetCategory } from '../normalise-cell.ts';
import {
  CELL_KINDS,
  KIND_JSON,
  KIND_MISSING,
  KIND_NUMBER,
  KIND_STRING,
  type RowBatch,
  type RowFault,
} from '../row-batch.ts';
import { surveyJson } from '../survey-json.ts';
import { CopyWriter, cellFault, onePerColumn, textFault } from './copy-text.ts';
import { fieldsJson } from './fields-json.ts';
import {
  type CellFault,
  type CellTarget,
  type CopyColumn,
  type CopyCount,
  elementOf,
  type FileChunk,
  type FileDescription,
  type FilePart,
  MAX_WITHHELD_NUMBERS,
  type PickedRow,
  type ReaderLimits,
  type SourceFile,
} from './protocol.ts';
import { splitCsv, splitNdjson } from './split-text.ts';
import { storableJson } from './storable-json.ts';
import { bytesOf, csvColumns, csvOptionsOf, openTextRows } from './text-rows.ts';

/** Columns of a CSV, NDJSON or JSON file; JSON is read through once, since any row may bring a new column. */
export async function describeText(file: SourceFile, chunkRows: number | null): Promise<FileDescription> {
  if (file.format === 'csv') {
    const csv = await csvOptionsOf(file);
    const columns = (await csvColumns(file.path, csv)).map((name) => ({ name, type: 'text', nested: false }));
    const chunks = chunkRows === null ? undefined : await splitCsv(file.path, csv, chunkRows);
    return { columns, rowCount: lastRow(chunks), csv, chunks };
  }
  const survey = await surveyJson(bytesOf(file.path), { lines: file.format === 'ndjson' });
  const columns = survey.columns.map(({ name, counts }) => {
    const kinds = CELL_KINDS.filter((kind) => kind !== 'missing' && kind !== 'null' && counts[kind] > 0);
    return { name, type: kinds.join(' | ') || 'null', nested: counts.json > 0 };
  });
  const isSplit = chunkRows !== null && file.format === 'ndjson' && survey.rowCount >= 2 * chunkRows;
  const chunks = isSplit ? await splitNdjson(file.path, survey.rowCount, chunkRows) : undefined;
  return { columns, rowCount: survey.rowCount, chunks };
}

function lastRow(chunks: FileChunk[] | null | undefined): number | null {
  const last = chunks?.at(-1);
  return last === undefined ? null : last.firstRow + last.rowCount - 1;
}

const CATEGORIES: Partial<Record<CellTarget, TargetCategory>> = {
  number: 'number',
  integer: 'number',
  date: 'date',
  timestamp: 'timestamp',
};

/** Reads the cells of one column of a batch. */
type ReadCell = (row: number) => string | null;

function planCells(batch: RowBatch, columns: CopyColumn[], csv: CsvOptions | null): ReadCell[] {
  return columns.map(({ source, target }) => {
    const position = batch.columns.indexOf(source);
    const cells = batch.cells[position];
    if (cells === undefined) return () => null;
    const category = CATEGORIES[target] ?? 'text';
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

function isStorable(cells: (string | null)[]): boolean {
  return cells.every((cell) => cell === null || textFault(cell) === null);
}

function rowFaultsOf(batch: RowBatch): Map<number, RowFault> {
  const faults = 'rowFaults' in batch ? (batch.rowFaults as RowFault[]) : [];
  return new Map(faults.map((fault) => [fault.row, fault]));
}

/** Writes the rows to the pipe as COPY text. */
export async function copyText(
  file: SourceFile,
  columns: CopyColumn[],
  pipePath: string,
  limits: ReaderLimits,
  part: FilePart | null,
): Promise<CopyCount> {
  const { batches, csv } = await openTextRows(file, part);
  const writer = new CopyWriter(pipePath);
  const withheldRowNumbers: number[] = [];
  let withheldRows = 0;
  let rowCount = 0;
  let known: string[] = [];
  for await (const batch of batches) {
    known = batch.columns;
    rowCount += batch.rowCount;
    if (limits.maxRows !== null && rowCount > limits.maxRows) {
      throw new FormatFault('too_many_rows', `The file has more than ${limits.maxRows} rows.`);
    }
    const readers = planCells(batch, columns, csv);
    const rowFaults = rowFaultsOf(batch);
    for (let index = 0; index < batch.rowCount; index++) {
      const row = batch.firstRow + index;
      const cells = readers.map((read) => read(index));
      if (!rowFaults.has(row) && isStorable(cells)) writer.write(row, cells);
      else if (++withheldRows <= MAX_WITHHELD_NUMBERS) withheldRowNumbers.push(row);
    }
  }
  if (part !== null) {
    writer.close();
    if (rowCount === part.rowCount) return { rowCount, withheldRows, withheldRowNumbers };
    throw new FormatFault('reader_failed', `${rowCount} rows were read where ${part.rowCount} had been counted.`);
  }
  if (rowCount === 0 && file.format === 'csv' && csv !== null) known = await csvColumns(file.path, csv);
  const missing = columns.find(({ source }) => !known.includes(source));
  if (missing !== undefined && (rowCount > 0 || file.format === 'csv')) {
    throw new FormatFault('missing_column', `The file has no column ${JSON.stringify(missing.source)}.`);
  }
  writer.close();
  return { rowCount, withheldRows, withheldRowNumbers };
}

/** Reads a few rows again, in the order of the file. */
export async function* pickText(
  file: SourceFile,
  columns: CopyColumn[],
  rowNumbers: number[],
): AsyncGenerator<PickedRow> {
  const wanted = new Set(rowNumbers);
  const { batches, csv } = await openTextRows(file);
  for await (const batch of batches) {
    const readers = planCells(batch, columns, csv);
    const rowFaults = rowFaultsOf(batch);
    for (let index = 0; index < batch.rowCount; index++) {
      const row = batch.firstRow + index;
      if (!wanted.delete(row)) continue;
      const cells = readers.map((read) => read(index));
      const rowFault = rowFaults.get(row);
      const faults: CellFault[] =
        rowFault === undefined
          ? faultsOf(cells, columns)
          : [{ column: null, code: rowFault.code, detail: rowFault.detail }];
      yield {
        row,
        dataJson: storableJson(
          rowFault === undefined ? rowJson(batch, index) : fieldsJson(batch.columns, rowFault.fields),
        ),
        cells: cells.map((cell) => (cell === null || textFault(cell) !== null ? null : cell)),
        faults,
      };
      if (wanted.size === 0) return;
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
