// Schemas of what pages show about jobs besides the jobs themselves: one job's history, and the overview of all.
import { z } from 'zod';
import { JOB_PHASES, JOB_RESULTS, JOB_STATUSES } from '../job/job-states.ts';
import { ROW_FAULT_CODES } from '../job/row-faults.ts';
import { count, timestamp } from './schemas.ts';

/** What happened to a job, for its page. */
export const jobHistorySchema = z
  .object({
    events: z.array(
      z.object({
        at: timestamp,
        attempt: count,
        code: z.string(),
        by: z.string().nullable(),
        /** Code of the fault behind it. */
        reason: z.string().nullable(),
        worker: z.string().nullable(),
      }),
    ),
    /** Rows read so many milliseconds after an attempt began; a job of less than a second has none. */
    samples: z.array(
      z.object({ attempt: z.int().min(1), elapsedMs: count, phase: z.enum(JOB_PHASES), rowsRead: count }),
    ),
    /** Faults of the rejected rows, most frequent first. */
    rowFaults: z.array(z.object({ code: z.enum(ROW_FAULT_CODES), column: z.string().nullable(), count })),
    /** How the file was written before it was converted; null before it was read. */
    source: z.object({ writtenAs: z.string(), csv: z.record(z.string(), z.unknown()).nullable() }).nullable(),
    mends: z.object({ id: z.uuid(), fileName: z.string() }).nullable(),
    mendedBy: z.array(
      z.object({
        id: z.uuid(),
        status: z.enum(JOB_STATUSES),
        result: z.enum(JOB_RESULTS).nullable(),
        rowsRead: count,
        rowsRejected: count,
        createdAt: timestamp,
      }),
    ),
  })
  .meta({ id: 'JobHistory' });
export type JobHistoryDto = z.infer<typeof jobHistorySchema>;

/** Who asked for jobs. */
export const jobAuthorsSchema = z.object({ names: z.array(z.string()) }).meta({ id: 'JobAuthors' });

const overviewTotal = {
  jobs: count,
  success: count,
  partial: count,
  failed: count,
  cancelled: count,
  rows: count,
  rejected: count,
  /** Of `rows`, those that the table has as the file says: inserted, updated, deleted or unchanged. */
  written: count,
  averageMs: count,
  longestMs: count,
};
/** How the loads of a period went. Simulations do not count. */
export const overviewSchema = z
  .object({
    from: z.string(),
    to: z.string(),
    zone: z.string(),
    /** By the day they ended, oldest first; days without any are left out. */
    days: z.array(z.object({ day: z.iso.date(), ...overviewTotal })),
    /** The slowest, by the average time of a load. */
    figuras: z.array(z.object({ figura: z.string(), ...overviewTotal })),
    total: z.object(overviewTotal),
    /** Most frequent first: why loads failed (`job`), why rows were rejected (`row`). */
    faults: z.array(z.object({ kind: z.enum(['job', 'row']), code: z.string(), jobs: count, rows: count.nullable() })),
    queue: z.object({ waiting: count, running: count, delayed: count, oldestMs: count.nullable() }),
    workers: z.object({ alive: count, slots: count, busy: count }),
    /** Administrators only. */
    system: z
      .object({
        database: z.object({ version: z.string(), name: z.string(), sizeBytes: count, sessions: count }),
        bucket: z.object({ name: z.string(), isReachable: z.boolean() }),
        workers: z.array(z.object({ name: z.string(), concurrency: count, startedAt: timestamp, running: count })),
      })
      .nullable(),
  })
  .meta({ id: 'Overview' });
export type OverviewDto = z.infer<typeof overviewSchema>;
