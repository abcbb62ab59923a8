// The one list of routes: handlers are made from it, the OpenAPI document and the contract's tests too. A handler that
// is not in it cannot be written, and tests/contract/routes.test.ts finds an entry without a handler.
import type { ErrorCode } from '../errors.ts';
import { ACCESS_ROUTES } from './access-routes.ts';
import { INSIGHT_ROUTES } from './insight-routes.ts';
import * as queries from './query-schemas.ts';
import { file, gone, json, type RouteSpec } from './route-spec.ts';
import * as schemas from './schemas.ts';
import { WEBHOOK_ROUTES } from './webhook-routes.ts';

const FILE_TYPES = [
  'text/csv',
  'application/json',
  'application/x-ndjson',
  'application/vnd.apache.parquet',
  'application/avro',
];
const TABLE_PROBLEMS: ErrorCode[] = ['table_not_found', 'table_not_supported'];
const KEY_PROBLEMS: ErrorCode[] = [
  ...TABLE_PROBLEMS,
  ...(['key_not_found_in_table', 'key_not_unique', 'unknown_mapping', 'duplicate_mapping'] as const),
  'column_not_found_in_table',
];
/** What reading a whole file can find wrong with it. */
const RESTORE_PROBLEMS: ErrorCode[] = [
  ...(['source_not_found', 'source_changed', 'source_not_allowed', 'storage_unavailable', 'file_too_large'] as const),
  ...([
    'empty_file',
    'malformed_json',
    'malformed_csv',
    'truncated_file',
    'trailing_data',
    'invalid_encoding',
  ] as const),
  ...(['row_not_object', 'row_too_large', 'nesting_too_deep', 'too_many_columns', 'duplicate_column'] as const),
  ...(['invalid_column_name', 'invalid_options', 'conversion_failed', 'not_parquet', 'not_avro'] as const),
  ...(['corrupt_file', 'encrypted_file', 'unsupported_encoding', 'unsupported_type', 'missing_column'] as const),
  ...(['file_too_complex', 'memory_limit', 'output_too_large', 'too_many_rows', 'file_unreadable'] as const),
  'reader_failed',
];

/** Every route of the contract by its name, `METHOD path`. */
export const ROUTES = {
  'POST /api/{figura}/_bulk/uploads': {
    id: 'createUpload',
    tag: 'uploads',
    summary: 'Sign the way of one file into the bucket',
    description:
      'Up to 64 MiB the answer holds `put`, above it `multipart`: PUT each part to its address, then complete the upload. Addresses live 15 minutes; `getUpload` gives fresh ones. `growing` in place of `size` is for a file that is still being made: `multipart` without addresses, which `getUpload` signs as parts become ready.',
    permission: 'upload:write',
    body: schemas.createUploadSchema,
    answers: { 201: json(schemas.uploadTicketSchema, 'The addresses to send the file to.') },
    problems: [...TABLE_PROBLEMS, 'file_too_large', 'storage_unavailable'],
  },
  'GET /api/{figura}/_bulk/uploads/{id}': {
    id: 'getUpload',
    tag: 'uploads',
    summary: 'An upload: fresh addresses and the parts that are there',
    description:
      'For uploads that take longer than their addresses live, and to resume one that was cut. Of a growing upload, `size` says how many bytes there are so far: the addresses are those of the parts that they make, `partSize` each and the last one what is left, without those that the bucket has.',
    permission: 'upload:write',
    query: queries.uploadQuery,
    answers: { 200: json(schemas.uploadSchema, 'The upload. Addresses only while it is open.') },
    problems: ['upload_not_found', 'file_too_large', 'storage_unavailable'],
  },
  'DELETE /api/{figura}/_bulk/uploads/{id}': {
    id: 'abortUpload',
    tag: 'uploads',
    summary: 'Give an upload up',
    permission: 'upload:write',
    answers: { 204: gone },
    problems: ['upload_not_found', 'upload_not_open', 'storage_unavailable'],
  },
  'POST /api/{figura}/_bulk/uploads/{id}/complete': {
    id: 'completeUpload',
    tag: 'uploads',
    summary: 'Put the parts of an upload together',
    description: 'A growing upload is told its `size` here: parts 1 to the last, each full but the last one.',
    permission: 'upload:write',
    body: schemas.completeUploadSchema,
    answers: { 200: json(schemas.completedUploadSchema, 'The object that the parts make.') },
    problems: [
      ...(['upload_not_found', 'upload_not_open', 'part_mismatch', 'file_too_large'] as const),
      ...(['source_not_found', 'storage_unavailable'] as const),
    ],
  },
  'PUT /api/{figura}/_bulk': {
    id: 'enqueueJob',
    tag: 'jobs',
    summary: 'Enqueue a load of a file that lies in the bucket',
    description:
      'The address is parsed, never fetched. The same figura, object version (or SHA-256, where the upload named it) and options are the same job (200), unless that job failed or `force` is set.',
    permission: 'job:write',
    headers: queries.idempotencyHeaders,
    body: schemas.enqueueSchema,
    answers: {
      200: json(schemas.enqueuedSchema, 'The job that was there already.', ['location', 'retry-after']),
      202: json(schemas.enqueuedSchema, 'A new job.', ['location', 'retry-after']),
    },
    problems: [
      ...TABLE_PROBLEMS,
      ...(['mode_not_possible', 'source_not_allowed', 'source_not_found', 'source_changed', 'file_too_large'] as const),
      ...(['empty_file', 'unknown_format', 'format_contradiction'] as const),
      'job_not_found',
      'storage_unavailable',
    ],
  },
  'GET /api/{figura}/_bulk': {
    id: 'listFiguraJobs',
    tag: 'jobs',
    summary: "A figura's jobs, newest first",
    permission: 'job:read',
    query: queries.jobListQuery,
    answers: { 200: json(schemas.jobPageSchema, 'A page of jobs.') },
  },
  'GET /api/jobs': {
    id: 'listJobs',
    tag: 'jobs',
    summary: 'The jobs of every figura the caller was given, newest first',
    permission: 'job:read',
    query: queries.jobListQuery,
    answers: { 200: json(schemas.jobPageSchema, 'A page of jobs.') },
  },
  'GET /api/{figura}/_bulk/status/{id}': {
    id: 'getJob',
    tag: 'jobs',
    summary: 'How a job is doing',
    description: 'With `wait` the answer is held until the status changes. A job that failed is still 200.',
    permission: 'job:read',
    query: queries.waitQuery,
    answers: { 200: json(schemas.jobSchema, 'The job; with Retry-After while it runs.', [], ['retry-after']) },
    problems: ['job_not_found'],
  },
  'GET /api/{figura}/_bulk/status/{id}/events': {
    id: 'watchJob',
    tag: 'jobs',
    summary: "A job's changes as server-sent events, until it has ended",
    permission: 'job:read',
    headers: queries.eventHeaders,
    answers: {
      200: { description: 'Events `status`; the data of each is a Job.', contentTypes: ['text/event-stream'] },
    },
    problems: ['job_not_found'],
  },
  'GET /api/{figura}/_bulk/status/{id}/rows': {
    id: 'listRows',
    tag: 'jobs',
    summary: "The rows of a job that were rejected or skipped, in the file's order",
    permission: 'job:read',
    query: queries.rowListQuery,
    answers: { 200: json(schemas.rowPageSchema, 'A page of rows.') },
    problems: ['job_not_found'],
  },
  'GET /api/{figura}/_bulk/status/{id}/changes': {
    id: 'listChanges',
    tag: 'jobs',
    summary: 'What a dry run would change: up to 100 rows with old and new values',
    permission: 'job:read',
    answers: { 200: json(schemas.changePageSchema, 'The rows; there is no next page.') },
    problems: ['job_not_found'],
  },
  'GET /api/{figura}/_bulk/status/{id}/errors': {
    id: 'downloadErrors',
    tag: 'jobs',
    summary: 'The rejected rows as a file: mend it, send it again',
    description: 'The columns as they came, then _row, _column, _code, _message, which are ignored on the way back.',
    permission: 'job:read',
    query: queries.errorsQuery,
    answers: { 200: file('The file.', ...FILE_TYPES.slice(0, 4)) },
    problems: ['job_not_found'],
  },
  'GET /api/{figura}/_bulk/status/{id}/file': {
    id: 'downloadFile',
    tag: 'jobs',
    summary: 'The file that was sent; with `format`, restored or converted',
    permission: 'job:read',
    query: queries.fileQuery,
    answers: { 200: file('The file.', ...FILE_TYPES) },
    problems: ['job_not_found', 'too_busy', ...RESTORE_PROBLEMS],
  },
  'POST /api/{figura}/_bulk/status/{id}/cancellation': {
    id: 'cancelJob',
    tag: 'jobs',
    summary: "Ask for a job's end: what was not merged is not merged",
    permission: 'job:write',
    answers: { 202: json(schemas.jobSchema, 'The job as it is now.', ['location']) },
    problems: ['job_not_found', 'job_already_finished'],
  },
  'POST /api/{figura}/_bulk/status/{id}/retry': {
    id: 'retryJob',
    tag: 'jobs',
    summary: 'A new attempt of a job that failed',
    permission: 'job:write',
    headers: queries.idempotencyHeaders,
    answers: { 202: json(schemas.jobSchema, 'The job, queued again.', ['location', 'retry-after']) },
    problems: ['job_not_found', 'job_not_retryable'],
  },
  'GET /api/{figura}/_bulk/schema': {
    id: 'getRowSchema',
    tag: 'figuras',
    summary: 'JSON Schema 2020-12 of one row',
    permission: 'figura:read',
    answers: {
      200: { description: 'The schema.', schema: schemas.documentSchema, contentTypes: ['application/schema+json'] },
    },
    problems: TABLE_PROBLEMS,
  },
  'GET /api/{figura}/_bulk/template': {
    id: 'getTemplate',
    tag: 'figuras',
    summary: 'A file with the columns, and one example row unless asked not to',
    permission: 'figura:read',
    query: queries.templateQuery,
    answers: {
      200: file(
        'The file.',
        'text/csv',
        'application/json',
        'application/vnd.apache.parquet',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      ),
    },
    problems: TABLE_PROBLEMS,
  },
  'GET /api/figuras': {
    id: 'listFiguras',
    tag: 'figuras',
    summary: 'The figuras the caller was given, by name',
    permission: 'figura:read',
    query: queries.pageQuery,
    answers: { 200: json(schemas.figuraPageSchema, 'A page of figuras.') },
  },
  'GET /api/figuras/{figura}': {
    id: 'getFigura',
    tag: 'figuras',
    summary: 'A figura: columns, key, limits, last job',
    permission: 'figura:read',
    answers: { 200: json(schemas.figuraSchema, 'The figura.') },
    problems: TABLE_PROBLEMS,
  },
  'GET /api/figuras/{figura}/row-count': {
    id: 'countRows',
    tag: 'figuras',
    summary: 'How many rows the table has: an estimate of the database, or counted',
    description: 'With `exact` the rows are counted, for 20 seconds at most; after that the estimate is the answer.',
    permission: 'figura:read',
    query: queries.rowCountQuery,
    answers: { 200: json(schemas.rowCountSchema, 'The count, and whether it is exact.') },
    problems: TABLE_PROBLEMS,
  },
  'GET /api/figuras/{figura}/documentation': {
    id: 'getDocumentation',
    tag: 'figuras',
    summary: 'How to load this figura: columns, rules, an example, the calls',
    description: 'In Portuguese or English by Accept-Language.',
    permission: 'figura:read',
    answers: { 200: { description: 'The text.', contentTypes: ['text/markdown'], headers: ['content-language'] } },
    problems: TABLE_PROBLEMS,
  },
  'POST /api/figuras': {
    id: 'createFigura',
    tag: 'figuras',
    summary: 'Register a table as a figura',
    permission: 'figura:write',
    headers: queries.idempotencyHeaders,
    body: schemas.createFiguraSchema,
    answers: { 201: json(schemas.figuraSchema, 'The figura.', ['location']) },
    problems: [...KEY_PROBLEMS, 'reserved_name', 'figura_exists'],
  },
  'PATCH /api/figuras/{figura}': {
    id: 'changeFigura',
    tag: 'figuras',
    summary: "Change a figura's settings",
    permission: 'figura:write',
    body: schemas.changeFiguraSchema,
    answers: { 200: json(schemas.figuraSchema, 'The figura.') },
    problems: KEY_PROBLEMS,
  },
  'DELETE /api/figuras/{figura}': {
    id: 'removeFigura',
    tag: 'figuras',
    summary: 'Remove a registration with its history, never the table',
    permission: 'figura:write',
    answers: { 204: gone },
  },
  ...ACCESS_ROUTES,
  ...INSIGHT_ROUTES,
  ...WEBHOOK_ROUTES,
  'GET /api/metrics': {
    id: 'getMetrics',
    tag: 'service',
    summary: 'Counts for Prometheus',
    description: 'For any key or session that was given all figuras: a viewer key with figuras ["*"] is enough.',
    permission: 'metrics:read',
    isAboutAllFiguras: true,
    answers: { 200: { description: 'Prometheus text format.', contentTypes: ['text/plain'] } },
  },
  'GET /api/health/live': {
    id: 'getLiveness',
    tag: 'service',
    summary: 'Whether the process answers',
    permission: 'public',
    answers: { 200: json(schemas.healthSchema, 'It does.') },
  },
  'GET /api/health/ready': {
    id: 'getReadiness',
    tag: 'service',
    summary: 'Whether work can be done: database, bucket, a live worker',
    permission: 'public',
    answers: {
      200: json(schemas.readinessSchema, 'It can.'),
      503: json(schemas.readinessSchema, 'It cannot; what is false is missing.'),
    },
  },
  'GET /api/openapi.json': {
    id: 'getOpenApi',
    tag: 'service',
    summary: 'This document',
    permission: 'public',
    answers: { 200: json(schemas.documentSchema, 'OpenAPI 3.1.') },
  },
} as const satisfies Record<string, RouteSpec>;

/** Name of a route: method and path. */
export type RouteName = keyof typeof ROUTES;
