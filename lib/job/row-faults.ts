/** Why a row was refused (ER) or skipped on purpose (SK), by its stable code. */
export const ROW_FAULT_CODES = [
  'invalid_value',
  'value_too_long',
  'value_out_of_range',
  'not_null',
  'null_key',
  'unknown_op',
  'nul_character',
  'invalid_utf8',
  'precision_lost',
  'too_few_fields',
  'too_many_fields',
  'malformed_quotes',
  'check_violation',
  'foreign_key_violation',
  'unique_violation',
  'exclusion_violation',
  'trigger_refused',
  'required_column_missing',
  'duplicate_key',
  'nothing_to_delete',
  'rejected',
] as const;
export type RowFaultCode = (typeof ROW_FAULT_CODES)[number];

/** One fault of one row. `column` is the file's column, null when the row as a whole is at fault. */
export interface RowFault {
  column: string | null;
  code: RowFaultCode;
  /** PostgreSQL's own words, or what else helps to mend it; null when the code says it all. */
  message: string | null;
  /** The value as it came; null when there was none. */
  value: string | null;
}
