/** States of a job, in the order it can pass through them. */
export const JOB_STATUSES = ['queued', 'processing', 'complete', 'error', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** What a worker is doing while a job is `processing`; `done` once it ended. */
export const JOB_PHASES = ['reading', 'staging', 'validating', 'merging', 'done'] as const;
export type JobPhase = (typeof JOB_PHASES)[number];

/** How a job ended; `partial` is an end with at least one rejected row. */
export const JOB_RESULTS = ['success', 'partial', 'failed'] as const;
export type JobResult = (typeof JOB_RESULTS)[number];

/** Formats a job can read. */
export const FILE_FORMATS = ['parquet', 'avro', 'csv', 'ndjson', 'json'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Statuses of a row in the stage: ready, loading, done, skipped on purpose, error. */
export const STAGE_STATUSES = ['RD', 'LD', 'OK', 'SK', 'ER'] as const;
export type StageStatus = (typeof STAGE_STATUSES)[number];

/** Whether nothing will change any more. */
export function isTerminal(status: JobStatus): boolean {
  return status === 'complete' || status === 'error' || status === 'cancelled';
}
