import { z } from 'zod';
import type { Queryable } from '../db/pool.ts';
import { LOAD_TASK } from './load-task.ts';

/** Name of the task that helps to stage the chunks of a job. */
export const CHUNK_TASK = 'chunk';

/** Only ids travel; see {@link LOAD_TASK}. `helper` counts from 1. */
export const chunkPayloadSchema = z.object({ version: z.literal(1), jobId: z.uuid(), helper: z.int() });
export type ChunkPayload = z.infer<typeof chunkPayloadSchema>;

// A higher number comes later: who waits for a load of his own goes before helpers of another.
const PRIORITY = 10;
// Tries of a task whose worker was killed; a helper never fails otherwise.
const MAX_ATTEMPTS = 3;
// More would only take each other's disk and memory.
const MAX_HELPERS = 16;

/** A flag of the tasks that help with a job. */
export function helperFlag(jobId: string): string {
  return `${CHUNK_TASK}:${jobId}`;
}

/** Asks for helpers, at most so many. Those that find nothing left to do are gone at once. */
export async function enqueueHelpers(db: Queryable, jobId: string, count: number): Promise<void> {
  for (let helper = 1; helper <= Math.min(count, MAX_HELPERS); helper += 1) await enqueueHelper(db, jobId, helper);
}

/** Asks for one helper. */
export async function enqueueHelper(db: Queryable, jobId: string, helper: number): Promise<void> {
  const payload: ChunkPayload = { version: 1, jobId, helper };
  await db.query(
    `select graphile_worker.add_job($1, payload => $2::json, max_attempts => $3, job_key => $4, priority => $5, flags => $6)`,
    [
      CHUNK_TASK,
      JSON.stringify(payload),
      MAX_ATTEMPTS,
      `${CHUNK_TASK}:${jobId}:${helper}`,
      PRIORITY,
      [helperFlag(jobId)],
    ],
  );
}

/** Whether loads wait for a slot. */
export async function areLoadsWaiting(db: Queryable): Promise<boolean> {
  const { rows } = await db.query(
    `select exists (select 1 from graphile_worker.jobs
                     where task_identifier = $1 and locked_at is null and attempts < max_attempts
                       and run_at <= clock_timestamp()) as waiting`,
    [LOAD_TASK],
  );
  return rows[0].waiting;
}
