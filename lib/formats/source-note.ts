import type { CsvOptions } from './csv-scanner.ts';

/** Key of the note among the key-value pairs of a Parquet footer. */
export const NOTE_KEY = 'carga';

/** Raised when a note of today could not be read by the code of yesterday; older notes stay readable. */
export const NOTE_VERSION = 1;

/** Name of the extra column; a file that has such a column itself gets `_carga_2` and so on. */
export const DEVIATION_COLUMN = '_carga';

/**
 * How the cells of a column are written. `string`, `number`, `boolean`: the natural text of that kind, without quotes.
 * `json`: JSON text, as the column holds an object or an array somewhere. `mixed`: the natural text of several kinds.
 */
export type ColumnEncoding = 'string' | 'number' | 'boolean' | 'json' | 'mixed';

export interface NoteColumn {
  /** The key or header of the source; the Parquet column has it too, unless it is empty. */
  name: string;
  encoding: ColumnEncoding;
  /** The kind of a cell that the deviations do not mention; for `json` it has no meaning. */
  base: 'string' | 'number' | 'boolean';
  /** What an empty cell was that the deviations do not mention. */
  empty: 'null' | 'missing';
}

/**
 * What the Parquet file was before, so that it can be turned back. Its columns are those of the file, by position,
 * followed by the column of deviations if there is one.
 */
export interface SourceNote {
  version: typeof NOTE_VERSION;
  format: 'csv' | 'json' | 'ndjson';
  /** `table` for CSV. */
  topLevel: 'array' | 'object' | 'lines' | 'table';
  columns: NoteColumn[];
  /** Name of the column of deviations, null if there is none. */
  deviations: string | null;
  csv: CsvOptions | null;
}

/**
 * Codes in the column of deviations, which holds one JSON object per deviating row, by the name of the source column:
 * `z` null, `m` missing, `s` string, `n` number, `b` boolean, `r` a string given as JSON text, since it holds half of a
 * surrogate pair. A CSV row that does not fit its table has `{"fault": code, "fields": […]}` there instead.
 */
export const DEVIATIONS = { null: 'z', missing: 'm', string: 's', number: 'n', boolean: 'b', raw: 'r' } as const;

const FORMATS: readonly unknown[] = ['csv', 'json', 'ndjson'];
const TOP_LEVELS: readonly unknown[] = ['array', 'object', 'lines', 'table'];
const ENCODINGS: readonly unknown[] = ['string', 'number', 'boolean', 'json', 'mixed'];
const BASES: readonly unknown[] = ['string', 'number', 'boolean'];
const EMPTIES: readonly unknown[] = ['null', 'missing'];

/** Reads a note from a footer; null for text that is no note of a version known here (the footer may hold anything). */
export function parseSourceNote(text: string): SourceNote | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value.version !== NOTE_VERSION) return null;
  if (!FORMATS.includes(value.format) || !TOP_LEVELS.includes(value.topLevel)) return null;
  if (!Array.isArray(value.columns) || !value.columns.every(isNoteColumn)) return null;
  if (value.deviations !== null && typeof value.deviations !== 'string') return null;
  if (value.csv !== null && !isCsvOptions(value.csv)) return null;
  if ((value.format === 'csv') !== (value.csv !== null)) return null;
  return value as unknown as SourceNote;
}

/** Names of the Parquet columns that belong to a note: readers make up a name of their own for an empty one. */
export function parquetColumnsOf(note: SourceNote): string[] {
  const names = note.columns.map(({ name }) => name);
  const taken = new Set(names);
  const columns = names.map((name, index) => (name === '' ? freeName(`column_${index + 1}`, taken) : name));
  if (note.deviations !== null) columns.push(note.deviations);
  return columns;
}

/** `wanted`, or the first of `wanted_2`, `wanted_3`, … that is not taken, upper and lower case being the same. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const names = new Set(Array.from(taken, (name) => name.toLowerCase()));
  let name = wanted;
  for (let count = 2; names.has(name.toLowerCase()); count++) name = `${wanted}_${count}`;
  return name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNoteColumn(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    ENCODINGS.includes(value.encoding) &&
    BASES.includes(value.base) &&
    EMPTIES.includes(value.empty)
  );
}

function isCsvOptions(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.delimiter === 'string' &&
    value.delimiter.length === 1 &&
    typeof value.encoding === 'string' &&
    (value.decimal === '.' || value.decimal === ',') &&
    typeof value.dateFormat === 'string' &&
    typeof value.header === 'boolean' &&
    (value.newline === '\n' || value.newline === '\r\n' || value.newline === '\r')
  );
}
