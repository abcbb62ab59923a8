import { z } from 'zod';
import type { Queryable } from '../db/pool.ts';

/** Name of the task that runs a job. */
export const LOAD_TASK = 'load';

/** Only ids travel: whatever else a worker needs, it reads where it cannot be stale. */
export const loadPayloadSchema = z.object({ version: z.literal(1), jobId: z.uuid() });
export type LoadPayload = z.infer<typeof loadPayloadSchema>;

// With the queue's backoff (e^n seconds) the last try starts some 50 minutes after the first: longer than a failover,
// shorter than a night.
const MAX_ATTEMPTS = 8;

const jobKey = (jobId: string) => `${LOAD_TASK}:${jobId}`;

/** Puts a job into the queue, in the transaction that writes the job: both are there, or neither. */
export async function enqueueLoad(db: Queryable, jobId: string): Promise<void> {
  const payload: LoadPayload = { version: 1, jobId };
  await db.query('select graphile_worker.add_job($1, payload => $2::json, max_attempts => $3, job_key => $4)', [
    LOAD_TASK,
    JSON.stringify(payload),
    MAX_ATTEMPTS,
    jobKey(jobId),
  ]);
}

/** Takes a job that has not started out of the queue. */
export async function dequeueLoad(db: Queryable, jobId: string): Promise<void> {
  await db.query('select graphile_worker.remove_job($1)', [jobKey(jobId)]);
}
