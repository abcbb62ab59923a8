// The one set of schemas that checks requests, types responses and makes the OpenAPI document.
import { z } from 'zod';
import { jobOptionsSchema } from '../job/job-options.ts';
import { FILE_FORMATS, JOB_PHASES, JOB_RESULTS, JOB_STATUSES } from '../job/job-states.ts';
import { ROW_FAULT_CODES } from '../job/row-faults.ts';

/** A moment, with its zone. */
export const timestamp = z.iso.datetime({ offset: true });
const FIRST_MOMENT = Date.parse('1000-01-01T00:00:00Z');
const LAST_MOMENT = Date.parse('9999-12-31T23:59:59.999Z');
/** Whether PostgreSQL reads a moment that JavaScript wrote: years before 1 and after 9999 it does not. */
export const isStorableMoment = (text: string) => {
  const time = Date.parse(text);
  return time >= FIRST_MOMENT && time <= LAST_MOMENT;
};
/** How many of something. */
export const count = z.int().min(0);
/** A line of text. PostgreSQL holds no NUL character, neither as text nor in jsonb. */
export const text = (max: number, min = 1) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\u0000]*$/);

/** Name of a figura, as it stands in URLs. */
export const figuraNameSchema = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
/** Names of figuras somebody was given, or `*`. */
export const figuraNames = z.array(z.union([z.literal('*'), figuraNameSchema])).max(1000);

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type ProblemDto = z.infer<typeof problemSchema>;

const sentFileSchema = z.strictObject({
  fileName: text(255),
  // It becomes a header, and part of a signature.
  contentType: z
    .string()
    .max(255)
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(; ?[\w-]+=[\w.-]+)*$/)
    .optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional(),
});

/** A file whose size is known, or one that is still being made: `growing`. */
export const createUploadSchema = z
  .discriminatedUnion('growing', [
    sentFileSchema.extend({ size: z.int().min(0), growing: z.literal(false).optional() }),
    sentFileSchema.extend({ growing: z.literal(true) }),
  ])
  .meta({ id: 'CreateUpload' });
export type CreateUploadDto = z.infer<typeof createUploadSchema>;

export const uploadTicketSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    expiresAt: timestamp,
    put: z.object({ url: z.url(), headers: z.record(z.string(), z.string()) }).optional(),
    multipart: z
      .object({ partSize: z.int().positive(), parts: z.array(z.object({ partNumber: z.int(), url: z.url() })) })
      .optional(),
  })
  .meta({ id: 'UploadTicket' });
export type UploadTicketDto = z.infer<typeof uploadTicketSchema>;

/** An upload as it is now: fresh addresses while it is open, and which parts the bucket has. */
export const uploadSchema = uploadTicketSchema
  .extend({
    /** null while a growing upload is open. */
    size: count.nullable(),
    status: z.enum(['open', 'complete', 'aborted']),
    uploaded: z.array(z.object({ partNumber: z.int(), etag: z.string(), size: count })),
  })
  .meta({ id: 'Upload' });
export type UploadDto = z.infer<typeof uploadSchema>;

export const completeUploadSchema = z
  .strictObject({
    parts: z
      .array(z.strictObject({ partNumber: z.int().min(1).max(10_000), etag: text(200) }))
      .min(1)
      .max(10_000),
    /** Of the whole file; a growing upload needs it. */
    size: z.int().min(1).optional(),
  })
  .meta({ id: 'CompleteUpload' });
export type CompleteUploadDto = z.infer<typeof completeUploadSchema>;

export const completedUploadSchema = z
  .object({ id: z.uuid(), url: z.string(), size: count, etag: z.string() })
  .meta({ id: 'CompletedUpload' });
export type CompletedUploadDto = z.infer<typeof completedUploadSchema>;

export const enqueueSchema = z
  .strictObject({
    url: text(4096),
    ...jobOptionsSchema.shape,
    force: z.boolean().optional(),
    /** The job of the same figura whose rejected rows the file mends. */
    mends: z.uuid().optional(),
  })
  .meta({ id: 'Enqueue' });
export type EnqueueDto = z.infer<typeof enqueueSchema>;

export const enqueuedSchema = z
  .object({ id: z.uuid(), status: z.enum(JOB_STATUSES), statusUrl: z.url() })
  .meta({ id: 'Enqueued' });
export type EnqueuedDto = z.infer<typeof enqueuedSchema>;

export const jobSchema = z
  .object({
    id: z.uuid(),
    figura: z.string(),
    status: z.enum(JOB_STATUSES),
    phase: z.enum(JOB_PHASES).nullable(),
    result: z.enum(JOB_RESULTS).nullable(),
    progress: z.object({
      percent: z.number().min(0).max(100),
      rowsTotal: count.nullable(),
      rowsRead: count,
      rowsPerSecond: z.number().min(0).nullable(),
      etaSeconds: z.number().min(0).nullable(),
    }),
    rows: z.object({
      read: count,
      inserted: count,
      updated: count,
      deleted: count,
      unchanged: count,
      skipped: count,
      rejected: count,
    }),
    stage: z.object({ RD: count, LD: count, OK: count, SK: count, ER: count }),
    error: z.object({ code: z.string(), detail: z.string() }).nullable(),
    file: z.object({
      url: z.string(),
      name: z.string(),
      size: count,
      format: z.enum(FILE_FORMATS),
      etag: z.string(),
      sha256: z.string().nullable(),
    }),
    options: z.record(z.string(), z.unknown()),
    dryRun: z.boolean(),
    /** The job whose rejected rows this one's file mends. */
    mends: z.uuid().nullable(),
    /** Why the job does not move just now; null when it does. */
    waiting: z
      .object({
        position: z.int().min(1).nullable(),
        reason: z.enum(['next', 'workers_busy', 'no_worker', 'retry_scheduled', 'figura_locked']),
        retryAt: timestamp.nullable(),
      })
      .nullable(),
    attempts: count,
    timings: z.object({
      queuedMs: count,
      readMs: count,
      stageMs: count,
      validateMs: count,
      mergeMs: count,
      totalMs: count,
    }),
    createdAt: timestamp,
    startedAt: timestamp.nullable(),
    finishedAt: timestamp.nullable(),
    createdBy: z.object({ kind: z.enum(['user', 'apiKey']), name: z.string() }),
    links: z.object({ self: z.url(), events: z.url(), rows: z.url(), errors: z.url(), file: z.url() }),
  })
  .meta({ id: 'Job' });
/** A job as the wire carries it: status route, events, lists. */
export type JobDto = z.infer<typeof jobSchema>;

export const rowSchema = z
  .object({
    row: z.int().min(1),
    status: z.enum(['ER', 'SK']),
    column: z.string().nullable(),
    code: z.enum(ROW_FAULT_CODES),
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
    faults: z.array(
      z.object({
        column: z.string().nullable(),
        code: z.enum(ROW_FAULT_CODES),
        message: z.string(),
        value: z.string().nullable(),
      }),
    ),
    /** Only when asked for: the row's cells in the file's order as texts, exact to the last digit. */
    cells: z
      .array(
        z.object({
          column: z.string(),
          kind: z.enum(['missing', 'null', 'text', 'number', 'boolean', 'json']),
          text: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Row' });
export type RowDto = z.infer<typeof rowSchema>;

/** A row that a dry run would update; `row` counts from 1 in the file. */
export const changeSchema = z
  .object({
    row: z.int().min(1),
    key: z.record(z.string(), z.string()),
    changes: z.array(z.object({ column: z.string(), old: z.string().nullable(), new: z.string().nullable() })),
  })
  .meta({ id: 'Change' });
export type ChangeDto = z.infer<typeof changeSchema>;

export const figuraColumnSchema = z.object({
  name: z.string(),
  type: z.string(),
  /** Must be in every file that inserts rows: the table has no default and takes no null, or the figura requires it. */
  required: z.boolean(),
  key: z.boolean(),
  default: z.string().nullable(),
  description: z.string().nullable(),
  /** What a Parquet file should call it; text is taken for every type as well. */
  parquet: z.string(),
  /** The same for Avro. */
  avro: z.string(),
});
export const figuraSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    table: z.string(),
    key: z.array(z.string()),
    opColumn: z.string(),
    onError: z.enum(['skip', 'abort']),
    maxErrors: count.nullable(),
    unknownColumns: z.enum(['ignore', 'reject']),
    /** Every file must bring them and every row but a deletion fill them, beside what the table itself requires. */
    requiredColumns: z.array(z.string()),
    /** Column of a file -> column of the table, for files whose job brings no mapping. */
    mapping: z.record(z.string(), z.string()),
    limits: z.object({ maxFileBytes: count, maxDeleteRatio: z.number() }),
    columns: z.array(figuraColumnSchema),
    lastJob: z
      .object({
        id: z.uuid(),
        status: z.enum(JOB_STATUSES),
        result: z.enum(JOB_RESULTS).nullable(),
        createdAt: timestamp,
        url: z.url(),
      })
      .nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Figura' });
export type FiguraDto = z.infer<typeof figuraSchema>;

const figuraSettings = {
  title: text(200).optional(),
  table: text(200),
  key: z.array(text(63)).min(1).max(32).optional(),
  opColumn: text(63).optional(),
  onError: z.enum(['skip', 'abort']).optional(),
  maxErrors: z.int().min(0).nullable().optional(),
  maxFileBytes: z.int().positive().nullable().optional(),
  maxDeleteRatio: z.number().min(0).max(1).optional(),
  unknownColumns: z.enum(['ignore', 'reject']).optional(),
  requiredColumns: z.array(text(63)).max(1600).optional(),
  mapping: jobOptionsSchema.shape.mapping,
};
export const createFiguraSchema = z
  .strictObject({ name: figuraNameSchema, ...figuraSettings })
  .meta({ id: 'CreateFigura' });
export type CreateFiguraDto = z.infer<typeof createFiguraSchema>;
export const changeFiguraSchema = z.strictObject(figuraSettings).partial().meta({ id: 'ChangeFigura' });
/** How many rows a table has; null: nobody has counted yet, not even the database for itself. */
export const rowCountSchema = z.object({ rowCount: count.nullable(), isExact: z.boolean() }).meta({ id: 'RowCount' });
export type RowCountDto = z.infer<typeof rowCountSchema>;
export type ChangeFiguraDto = z.infer<typeof changeFiguraSchema>;

export const healthSchema = z.object({ status: z.literal('live') }).meta({ id: 'Live' });
export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'unavailable']),
    database: z.boolean().optional(),
    bucket: z.boolean().optional(),
    worker: z.boolean().optional(),
  })
  .meta({ id: 'Readiness' });

/** Any JSON object: a document that describes itself. */
export const documentSchema = z.record(z.string(), z.unknown()).meta({ id: 'Document' });

/** A page of a list. */
export const page = <T extends z.ZodType>(item: T, id: string) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() }).meta({ id });
export const jobPageSchema = page(jobSchema, 'JobPage');
export const changePageSchema = page(changeSchema, 'ChangePage');
export const rowPageSchema = page(rowSchema, 'RowPage');
export const figuraPageSchema = page(figuraSchema, 'FiguraPage');

/** A page of a list. */
export interface PageDto<T> {
  items: T[];
  nextCursor: string | null;
}
