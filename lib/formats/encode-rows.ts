import {
  type CellKind,
  type CsvRowBatch,
  KIND_BOOLEAN,
  KIND_JSON,
  KIND_MISSING,
  KIND_NULL,
  KIND_NUMBER,
  KIND_STRING,
  type RowBatch,
} from './row-batch.ts';
import {
  DEVIATION_COLUMN,
  DEVIATIONS,
  freeName,
  NOTE_VERSION,
  type NoteColumn,
  type SourceNote,
} from './source-note.ts';
import type { ColumnSurvey, JsonSurvey } from './survey-json.ts';

const KIND_CODES = { string: KIND_STRING, number: KIND_NUMBER, boolean: KIND_BOOLEAN } as const;

/** Decides from a survey of the whole file how each column is written. */
export function planJsonNote(format: 'json' | 'ndjson', survey: JsonSurvey): SourceNote {
  const columns = survey.columns.map(planColumn);
  const deviates =
    survey.hasLoneSurrogates ||
    columns.some(({ encoding }) => encoding === 'mixed') ||
    survey.columns.some(({ counts }) => counts.null > 0 && counts.missing > 0);
  // A Parquet file needs a column, also for an empty array and for rows without a key.
  const deviations = deviates || columns.length === 0 ? nameDeviations(columns) : null;
  return { version: NOTE_VERSION, format, topLevel: survey.topLevel, columns, deviations, csv: null };
}

/** The note of a CSV file, whose cells are all text, those of nothing null. */
export function planCsvNote(
  names: readonly string[],
  csv: NonNullable<SourceNote['csv']>,
  hasFaults: boolean,
): SourceNote {
  const columns = names.map((name): NoteColumn => ({ name, encoding: 'string', base: 'string', empty: 'null' }));
  const deviations = hasFaults ? nameDeviations(columns) : null;
  return { version: NOTE_VERSION, format: 'csv', topLevel: 'table', columns, deviations, csv };
}

function nameDeviations(columns: NoteColumn[]): string {
  return freeName(
    DEVIATION_COLUMN,
    columns.map(({ name }) => name),
  );
}

function planColumn({ name, counts }: ColumnSurvey): NoteColumn {
  const empty = counts.missing > counts.null ? 'missing' : 'null';
  const present = (['string', 'number', 'boolean'] as const).filter((kind) => counts[kind] > 0);
  const base = present.sort((one, other) => counts[other] - counts[one])[0] ?? 'string';
  const encoding = counts.json > 0 ? 'json' : present.length > 1 ? 'mixed' : base;
  return { name, encoding, base, empty };
}

/** Cells of a batch as they are written: those of the note's columns, then the deviations if the note has them. */
export function encodeJsonRows(note: SourceNote, batch: RowBatch): (string | null)[][] {
  const deviations = note.deviations === null ? null : new Array<string | null>(batch.rowCount).fill(null);
  const encoded = note.columns.map((column, index) => {
    const cells = batch.cells[index] as (string | null)[];
    const kinds = batch.kinds?.[index] as Uint8Array;
    if (column.encoding === 'json') return encodeAsJson(column, cells, kinds, deviations);
    return deviations === null ? cells : encodeNaturally(column, cells, kinds, deviations);
  });
  if (deviations !== null) encoded.push(deviations.map((text) => (text === null ? null : `${text}}`)));
  return encoded;
}

function encodeAsJson(
  column: NoteColumn,
  cells: (string | null)[],
  kinds: Uint8Array,
  deviations: (string | null)[] | null,
): (string | null)[] {
  return cells.map((cell, row) => {
    const kind = kinds[row];
    if (kind === KIND_STRING) return JSON.stringify(cell);
    if (kind !== KIND_JSON && cell === null) noteEmpty(column, kind, row, deviations);
    return cell;
  });
}

function encodeNaturally(
  column: NoteColumn,
  cells: (string | null)[],
  kinds: Uint8Array,
  deviations: (string | null)[],
): (string | null)[] {
  const base = KIND_CODES[column.base];
  return cells.map((cell, row) => {
    const kind = kinds[row];
    if (cell === null) {
      noteEmpty(column, kind, row, deviations);
    } else if (kind === KIND_STRING && !cell.isWellFormed()) {
      deviate(deviations, row, column, DEVIATIONS.raw);
      return JSON.stringify(cell);
    } else if (kind !== base) {
      const code = kind === KIND_STRING ? 'string' : kind === KIND_NUMBER ? 'number' : 'boolean';
      deviate(deviations, row, column, DEVIATIONS[code]);
    }
    return cell;
  });
}

function noteEmpty(
  column: NoteColumn,
  kind: number | undefined,
  row: number,
  deviations: (string | null)[] | null,
): void {
  const empty: CellKind = kind === KIND_MISSING ? 'missing' : 'null';
  if (deviations !== null && (kind === KIND_MISSING || kind === KIND_NULL) && empty !== column.empty) {
    deviate(deviations, row, column, DEVIATIONS[empty]);
  }
}

/** Written as text, since an object would lose the key `__proto__`. */
function deviate(deviations: (string | null)[], row: number, column: NoteColumn, code: string): void {
  const before = deviations[row];
  deviations[row] = `${before ? `${before},` : '{'}${JSON.stringify(column.name)}:"${code}"`;
}

/** As {@link encodeJsonRows}, for CSV: the cells as they are, and the rows that do not fit the table as they came. */
export function encodeCsvRows(note: SourceNote, batch: CsvRowBatch): (string | null)[][] {
  if (note.deviations === null) return batch.cells;
  const deviations = new Array<string | null>(batch.rowCount).fill(null);
  for (const { row, code, fields } of batch.rowFaults) {
    deviations[row - batch.firstRow] = JSON.stringify({ fault: code, fields });
  }
  return [...batch.cells, deviations];
}
