import { z } from 'zod';
import { FILE_FORMATS } from './job-states.ts';

/** How a CSV file is written; what is left out is detected. */
export const csvOptionsSchema = z
  .strictObject({
    delimiter: z
      .string()
      .length(1)
      .regex(/[^\u0000]/)
      .optional(),
    encoding: z
      .string()
      .regex(/^[\w.:-]{1,40}$/)
      .optional(),
    decimal: z.enum(['.', ',']).optional(),
    dateFormat: z
      .string()
      .regex(/^[\x20-\x7e]{1,40}$/)
      .optional(),
    /** Whether the first line names the columns; without it they are `column_1`, `column_2`, … */
    header: z.boolean().optional(),
  })
  .meta({ id: 'CsvOptions' });

// No NUL character: the options are kept as jsonb, which holds none.
const mappingSchema = z.record(
  z
    .string()
    .min(1)
    .max(1000)
    .regex(/^[^\u0000]*$/),
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\u0000]*$/),
);

/** zod leaves `__proto__` out of a record without a word: a column of that name would silently not be mapped. */
function refuseProto(value: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
    context.addIssue({ code: 'unrecognized_keys', keys: ['__proto__'], input: value as Record<string, unknown> });
  }
  return value;
}

/** What a caller may ask of a load, besides its file. */
export const jobOptionsSchema = z.object({
  format: z.enum(FILE_FORMATS).optional(),
  mode: z.enum(['merge', 'append', 'snapshot']).optional(),
  onError: z.enum(['skip', 'abort']).optional(),
  maxErrors: z.int().min(0).nullable().optional(),
  dryRun: z.boolean().optional(),
  mapping: z.preprocess(refuseProto, mappingSchema).optional(),
  csv: csvOptionsSchema.optional(),
});

/** The options as they hold for one job: the request's, completed by the figura's. Kept in `jobs.options`. */
export const effectiveOptionsSchema = z.object({
  mode: z.enum(['merge', 'append', 'snapshot']),
  onError: z.enum(['skip', 'abort']),
  maxErrors: z.int().min(0).nullable(),
  mapping: z.record(z.string(), z.string()),
  csv: csvOptionsSchema,
});
export type EffectiveOptions = z.infer<typeof effectiveOptionsSchema>;
