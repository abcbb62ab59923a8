// What may stand in a query. `limit` and `cursor` of lists are the same everywhere.
import { z } from 'zod';
import { JOB_SORTS } from '../job/job-sorts.ts';
import { FILE_FORMATS, JOB_STATUSES } from '../job/job-states.ts';
import { ROW_FAULT_CODES } from '../job/row-faults.ts';
import { figuraNameSchema, isStorableMoment, timestamp } from './schemas.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;
const MAX_WAIT_SECONDS = 30;

const moment = timestamp.or(z.iso.date()).refine(isStorableMoment);
const words = z
  .string()
  .max(200)
  .regex(/^[^\u0000]*$/);

/** A page of any list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  // A list sorted by file names has one in its cursor.
  cursor: z.string().max(2000).nullable().default(null),
});

/** Filters and order of a job list. */
export const jobListQuery = pageQuery.extend({
  status: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(JOB_STATUSES)))
    .optional(),
  figura: figuraNameSchema.optional(),
  createdBy: words.optional(),
  from: moment.optional(),
  to: moment.optional(),
  q: words.optional(),
  sort: z.enum(JOB_SORTS).default('createdAt'),
  order: z.enum(['asc', 'desc']).default('desc'),
});
export type JobFilter = z.infer<typeof jobListQuery>;

/** Period of the overview, and the zone whose days it counts by. */
export const overviewQuery = z.object({
  from: moment.optional(),
  to: moment.optional(),
  zone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/)
    .default('UTC'),
});
export type OverviewFilter = z.infer<typeof overviewQuery>;

/** Filters of a job's rows. */
export const rowListQuery = pageQuery.extend({
  status: z.enum(['ER', 'SK']).default('ER'),
  /** A part of any value or reason, or the number of the row. */
  q: words.optional(),
  code: z.enum(ROW_FAULT_CODES).optional(),
  column: words.optional(),
  /** Whether the cells come as texts too. */
  cells: z.stringbool().default(false),
});
export type RowFilter = z.infer<typeof rowListQuery>;

/** Filters of the audit, and of its download. */
export const auditExportQuery = z.object({
  actor: words.optional(),
  action: words.optional(),
  target: words.optional(),
  result: z.enum(['done', 'refused']).optional(),
  from: moment.optional(),
  to: moment.optional(),
});
export type AuditFilter = z.infer<typeof auditExportQuery>;
export const auditQuery = pageQuery.extend(auditExportQuery.shape);

/** Bytes that there are of a growing upload's file; the addresses are those of the parts they make. */
export const uploadQuery = z.object({ size: z.coerce.number().int().min(1).optional() });

/** How long to hold a status back. */
export const waitQuery = z.object({ wait: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).default(0) });

/** Between the cells of a CSV file: spreadsheets open a file by a click only with that of their language. */
const csvDelimiter = z.enum([',', ';']).default(',');
export type CsvDelimiter = z.infer<typeof csvDelimiter>;

/** Format of the rejected rows. */
export const errorsQuery = z.object({
  format: z.enum(['csv', 'ndjson', 'json', 'parquet']).default('csv'),
  delimiter: csvDelimiter,
});
export type ErrorFormat = z.infer<typeof errorsQuery>['format'];

/** Format of a job's file; null: as it came. */
export const fileQuery = z.object({ format: z.enum(FILE_FORMATS).exclude(['avro']).nullable().default(null) });

/** Format of a template. */
export const templateQuery = z.object({
  format: z.enum(['csv', 'json', 'parquet', 'xlsx']).default('csv'),
  /** Whether a row of examples follows; without it nothing has to be taken out before the file is sent. */
  example: z.stringbool().default(true),
  /** With a semicolon, numbers of the example have a decimal comma. */
  delimiter: csvDelimiter,
});
export type TemplateFormat = z.infer<typeof templateQuery>['format'];

/** Whether rows are to be counted, or the database's own estimate is enough. */
export const rowCountQuery = z.object({ exact: z.stringbool().default(false) });

/** Headers of routes that do their work once for a key; see idempotency.ts. Not where the answer holds a secret. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]{1,255}$/)
    .optional(),
});

/** Headers that an event stream reads. */
export const eventHeaders = z.object({ 'last-event-id': z.string().max(200).optional() });
