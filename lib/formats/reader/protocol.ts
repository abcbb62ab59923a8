import type { ArrayElement } from '../array-literal.ts';
import type { CsvOptions } from '../csv-scanner.ts';
import type { FileFormat } from '../detect-format.ts';
import type { FormatFaultCode, FormatFaultPlace } from '../format-fault.ts';
import type { TargetCategory } from '../normalise-cell.ts';
import type { SourceNote } from '../source-note.ts';

export type { CsvOptions, FileFormat };

/**
 * What kind of PostgreSQL column a cell goes to, since the same value is spelled differently for each:
 * `number` any numeric type, `integer` the ones without a fraction (a decimal `7.00` is then written `7`),
 * `array` an array of anything, whose lists become `{…}`.
 */
export type CellTarget =
  | 'text'
  | 'json'
  | 'bytea'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'array'
  | 'integerArray'
  | 'dateArray'
  | 'jsonArray'
  | 'other';

/**
 * How NULL stands in the rows: `COPY … FROM STDIN WITH (NULL E'\x01')`. A cell that consists of this very character
 * comes as the escape `\x01`, so the two are never taken for one another.
 */
export const COPY_NULL = '\x01';

/** One column of the rows that are read: `source` is its name in the file, exactly. */
export interface CopyColumn {
  source: string;
  target: CellTarget;
}

/** A file to read: local, whole, and not changing while it is read. */
export interface SourceFile {
  path: string;
  format: FileFormat;
  /** Overrides what is detected. */
  csv?: Partial<CsvOptions>;
}

/** A column of the file. */
export interface FileColumn {
  name: string;
  /** The file's own type in words, for messages only. */
  type: string;
  /** Lists, records, maps: their cells are JSON text. */
  nested: boolean;
}

/** A run of rows that can be read without the others: `from` and `to` are offsets of bytes, or null where numbers do. */
export interface FileChunk {
  /** Counts from 1. */
  firstRow: number;
  rowCount: number;
  from: number | null;
  to: number | null;
}

/** What is read of a file, where it is not all of it. */
export interface FilePart extends FileChunk {
  /** Names of the file's columns: a CSV file names them in its first line only. */
  fileColumns: string[];
}

/** What a file holds. */
export interface FileDescription {
  /** In the order of the file. */
  columns: FileColumn[];
  /** Null where counting would need a pass of its own. */
  rowCount: number | null;
  /** CSV only: as detected and overridden. */
  csv?: CsvOptions;
  /** Parquet only: how the rows were written from JSON or CSV; null where nobody noted it. */
  note?: SourceNote | null;
  /** Where chunks were asked for, and the file is made for them: at least two, which are all of it, in order. */
  chunks?: FileChunk[] | null;
}

/** What the first bytes of a file say of all of it. */
export interface FileHead {
  /** In the order of the file. */
  columns: Pick<FileColumn, 'name'>[];
  /** About how many rows the file has. */
  rowsGuess: number;
  /** CSV only: as detected and overridden. */
  csv?: CsvOptions;
}

/** How a file is read that is still being written, front to back. */
export interface ArrivingRows {
  /** How long the file will be. */
  bytes: number;
  /** How many columns it seems to have. */
  columnCount: number;
}

/** Why a row cannot be handed to PostgreSQL. */
export type CellFaultCode =
  | 'nul_character'
  | 'invalid_utf8'
  | 'precision_lost'
  | 'too_few_fields'
  | 'too_many_fields'
  | 'malformed_quotes'
  | 'invalid_value';

/** Fault of one row; `column` is null where the row as a whole is at fault. */
export interface CellFault {
  column: string | null;
  code: CellFaultCode;
  /** Neutral English. */
  detail: string;
}

/** A row read again. */
export interface PickedRow {
  /** Counts from 1. */
  row: number;
  /** The row as it came, as JSON text with exact numbers. U+0000 is shown as U+2400 (␀), NaN and Infinity as text. */
  dataJson: string;
  /** Null where the row is wanted as it came only. */
  judged: JudgedCells | null;
}

/** What there is to say of a row's cells. */
export interface JudgedCells {
  /** What COPY would have had, before escaping; null for NULL and for cells that are at fault. */
  cells: (string | null)[];
  /** Why the row was withheld, at most one fault per column; empty for a row PostgreSQL can be asked about. */
  faults: CellFault[];
}

/** What the reader counted in a file it wrote to its end. */
export interface CopyCount {
  /** Rows of the file, or of its part. */
  rowCount: number;
  /** Rows that are not in the stream because PostgreSQL could not even be asked about them. */
  withheldRows: number;
  /** Their numbers, ascending; at most {@link MAX_WITHHELD_NUMBERS}. */
  withheldRowNumbers: number[];
}

/** What {@link CopyRows.done} tells. */
export interface CopySummary extends CopyCount {
  cpuSeconds: number;
  peakMemoryBytes: number;
}

/** More would not fit a message between two processes, and no person reads a million faults. */
export const MAX_WITHHELD_NUMBERS = 1_000_000;

/** Limits as the child gets them. */
export interface ReaderLimits {
  memoryLimitBytes: number;
  maxRows: number | null;
  maxOutputBytes: number | null;
}

/** What the elements of an array column are; null for any other column. */
export function elementOf(target: CellTarget): ArrayElement | null {
  if (target === 'array' || target === 'dateArray') return 'plain';
  if (target === 'integerArray') return 'integer';
  return target === 'jsonArray' ? 'json' : null;
}

const CATEGORIES: Partial<Record<CellTarget, TargetCategory>> = {
  number: 'number',
  integer: 'number',
  date: 'date',
  timestamp: 'timestamp',
};

/** How a cell of CSV is rewritten for a column. */
export function categoryOf(target: CellTarget): TargetCategory {
  return CATEGORIES[target] ?? 'text';
}

/** What the child is asked for: one request, one line of JSON on its stdin. After the last one it ends. */
export type ReaderRequest = {
  file: SourceFile;
  limits: ReaderLimits;
} & (
  | { kind: 'head'; arrivingBytes: number }
  | { kind: 'describe'; chunkRows: number | null; arrivingBytes?: number | undefined }
  | {
      kind: 'copy';
      columns: CopyColumn[];
      pipePath: string;
      part: FilePart | null;
      arriving?: ArrivingRows | undefined;
    }
  | { kind: 'pick'; columns: CopyColumn[]; wantedPath: string; outputPath: string }
  | { kind: 'restore'; to: FileFormat; outputPath: string }
);

/** A request, and whether another one may follow. */
export type SentRequest = ReaderRequest & { isLast: boolean };

/** What the child answers, as one line of JSON on its stdout. */
export type ReaderMessage =
  | { kind: 'result'; result: unknown }
  | { kind: 'fault'; code: FormatFaultCode; detail: string; place: FormatFaultPlace };

/** A message as one line. Node's readline ends a line at U+2028 and U+2029 as well, which JSON does not escape. */
export function messageLine(message: ReaderMessage | SentRequest): string {
  const json = JSON.stringify(message).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `${json}\n`;
}
