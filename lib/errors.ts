/** Every fault that reaches a caller, by its stable machine code, and the HTTP status it is answered with. */
export const statusOf = {
  // the request
  invalid_json: 400,
  invalid_request: 422,
  body_too_large: 413,
  unauthenticated: 401,
  invalid_credentials: 401,
  mistyped_key: 401,
  too_many_attempts: 429,
  too_many_requests: 429,
  forbidden: 403,
  cross_origin: 403,
  not_found: 404,
  method_not_allowed: 405,
  figura_not_found: 404,
  job_not_found: 404,
  upload_not_found: 404,
  user_not_found: 404,
  key_not_found: 404,
  access_link_not_found: 404,
  webhook_not_found: 404,
  webhook_delivery_not_found: 404,
  figura_exists: 409,
  user_exists: 409,
  last_administrator: 409,
  user_disabled: 409,
  wrong_password: 422,
  upload_not_open: 409,
  job_not_retryable: 409,
  job_already_finished: 409,
  webhook_host_not_found: 422,
  webhook_address_refused: 422,
  idempotency_key_reused: 422,
  idempotency_key_in_flight: 409,
  invalid_cursor: 422,
  // a figura and its table
  table_not_found: 422,
  table_not_supported: 422,
  key_not_found_in_table: 422,
  key_not_unique: 422,
  column_not_found_in_table: 422,
  reserved_name: 422,
  // the file
  source_not_allowed: 403,
  source_not_found: 422,
  source_changed: 422,
  file_too_large: 413,
  empty_file: 415,
  unknown_format: 415,
  format_contradiction: 415,
  checksum_mismatch: 422,
  malformed_json: 422,
  malformed_csv: 422,
  truncated_file: 422,
  trailing_data: 422,
  invalid_encoding: 422,
  row_not_object: 422,
  row_too_large: 422,
  nesting_too_deep: 422,
  too_many_columns: 422,
  duplicate_column: 422,
  invalid_column_name: 422,
  invalid_options: 422,
  conversion_failed: 422,
  not_parquet: 422,
  not_avro: 422,
  corrupt_file: 422,
  encrypted_file: 422,
  unsupported_encoding: 422,
  unsupported_type: 422,
  missing_column: 422,
  file_too_complex: 422,
  memory_limit: 422,
  output_too_large: 422,
  too_many_rows: 422,
  file_unreadable: 422,
  reader_failed: 500,
  missing_key_column: 422,
  unknown_columns: 422,
  unknown_mapping: 422,
  duplicate_mapping: 422,
  no_columns: 422,
  mode_not_possible: 422,
  // the load
  too_many_errors: 422,
  rejected_rows: 422,
  delete_guard: 422,
  target_changed: 409,
  target_refused: 422,
  attempts_exhausted: 503,
  part_mismatch: 422,
  // the surroundings
  database_unavailable: 503,
  storage_unavailable: 503,
  too_busy: 503,
  out_of_disk: 507,
  internal: 500,
} as const;

/** Machine code of a fault; never changes once released. */
export type ErrorCode = keyof typeof statusOf;

/** What fills the placeholders of the fault's message, and what a program may want to read. */
export type ErrorDetails = Record<string, string | number | boolean | null>;

/** One fault of a request body: where (`pointer`, RFC 6901), which, and in words. */
export interface FieldFault {
  pointer: string;
  code: string;
  detail: string;
}

/** A fault with a code of ours. The text of `message` is for logs; people read the catalogue's text of the code. */
export class AppError extends Error {
  /** By name: Next bundles what runs at the start apart from the handlers, and each bundle has a class of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'AppError';
  }

  override name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly faults: FieldFault[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: ErrorDetails; faults?: FieldFault[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.faults = options.faults ?? [];
  }
}

// Faults of the surroundings: the bucket, the database, the disk, a reader that something else ended.
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'database_unavailable',
  'storage_unavailable',
  'out_of_disk',
  'file_unreadable',
  'reader_failed',
]);

/** Whether the same attempt may succeed later without anybody mending anything. A fault nobody foresaw may. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof AppError) || RETRYABLE.has(error.code);
}
