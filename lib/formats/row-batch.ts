/** What a cell holds in its source; a cell's code is the position in this list, so the order never changes. */
export const CELL_KINDS = ['missing', 'null', 'string', 'number', 'boolean', 'json'] as const;

/** `json` is an object or an array, kept as its raw text. */
export type CellKind = (typeof CELL_KINDS)[number];

/** Codes of {@link CELL_KINDS}, as stored in `RowBatch.kinds`. */
export const KIND_MISSING = 0;
export const KIND_NULL = 1;
export const KIND_STRING = 2;
export const KIND_NUMBER = 3;
export const KIND_BOOLEAN = 4;
export const KIND_JSON = 5;

/** Consecutive rows of a text file, by column. */
export interface RowBatch {
  /** 1-based number of the first row among the data rows of the file. */
  firstRow: number;
  rowCount: number;
  /** All columns known so far: later batches may append some, never reorder them. */
  columns: string[];
  /**
   * `cells[column][row]`: string contents, number literal as written, `true`/`false`, raw text of nested values;
   * null for null and missing.
   */
  cells: (string | null)[][];
  /** `kinds[column][row]`, at least `rowCount` long; null for CSV, whose cells are all text. */
  kinds: Uint8Array[] | null;
}

/** A row that is there but does not fit its file; data, not an exception. */
export interface RowFault {
  /** 1-based data row. */
  row: number;
  code: 'too_few_fields' | 'too_many_fields' | 'malformed_quotes';
  /** Neutral English. */
  detail: string;
  /** The row as it came. */
  fields: string[];
}

/** A batch of CSV rows; a row with a fault is in it too, cut or filled with null to the width of the header. */
export interface CsvRowBatch extends RowBatch {
  kinds: null;
  rowFaults: RowFault[];
}
