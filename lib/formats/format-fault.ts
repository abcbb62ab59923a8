/** Codes of faults that make a whole file unreadable. */
export type FormatFaultCode =
  | 'empty_file'
  | 'malformed_json'
  | 'malformed_csv'
  | 'truncated_file'
  | 'trailing_data'
  | 'invalid_encoding'
  | 'row_not_object'
  | 'row_too_large'
  | 'nesting_too_deep'
  | 'too_many_columns'
  | 'duplicate_column'
  | 'invalid_column_name'
  | 'source_changed'
  | 'invalid_options'
  | 'conversion_failed'
  | 'not_parquet'
  | 'not_avro'
  | 'corrupt_file'
  | 'encrypted_file'
  | 'unsupported_encoding'
  | 'unsupported_type'
  | 'missing_column'
  | 'file_too_complex'
  | 'memory_limit'
  | 'output_too_large'
  | 'too_many_rows'
  | 'file_unreadable'
  | 'reader_failed';

/** Where in the file; all 1-based except `byteOffset`. */
export interface FormatFaultPlace {
  line?: number;
  /** In characters. */
  column?: number;
  byteOffset?: number;
  /** Data row. */
  row?: number;
}

/** A file that cannot be read on: what is wrong (neutral English) and where. */
export class FormatFault extends Error {
  readonly code: FormatFaultCode;
  readonly detail: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly byteOffset: number | null;
  readonly row: number | null;

  constructor(code: FormatFaultCode, detail: string, place: FormatFaultPlace = {}) {
    super(`${code}: ${detail}`);
    this.name = 'FormatFault';
    this.code = code;
    this.detail = detail;
    this.line = place.line ?? null;
    this.column = place.column ?? null;
    this.byteOffset = place.byteOffset ?? null;
    this.row = place.row ?? null;
  }
}
