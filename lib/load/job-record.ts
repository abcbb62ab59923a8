import type { DbClient, Queryable } from '../db/pool.ts';
import type { ErrorDetails } from '../errors.ts';
import type { EffectiveOptions } from '../job/job-options.ts';
import type { FileFormat, JobPhase } from '../job/job-states.ts';
import type { RowOutcomes } from '../job/row-outcomes.ts';
import type { RowChange } from './dry-run.ts';

/** A job as the load engine needs it. */
export interface ClaimedJob {
  id: string;
  figura: string;
  attempt: number;
  options: EffectiveOptions;
  dryRun: boolean;
  bucket: string;
  objectKey: string;
  etag: string;
  versionId: string | null;
  fileName: string;
  fileSizeBytes: number;
  fileFormat: FileFormat;
  /** As the upload announced it, or as an earlier attempt found it. */
  fileSha256: string | null;
}

/** Milliseconds spent in each phase. */
export interface PhaseTimings {
  readMs: number;
  stageMs: number;
  validateMs: number;
  mergeMs: number;
}

/** The attempt has been taken over: another worker has claimed the job, or it has ended. */
export class FencedError extends Error {
  override name = 'FencedError';
}

/** Somebody asked for the job's end. */
export class CancelledError extends Error {
  override name = 'CancelledError';
}

// Whoever holds it may end the job: an attempt inside its merging transaction, or the claim that replaces it.
const JOB_LOCK = `select pg_advisory_xact_lock(hashtextextended('carga:job:' || $1::text, 0))`;
const FIGURA_LOCK = `select pg_advisory_xact_lock(hashtextextended('carga:figura:' || $1::text, 0))`;
const FIGURA_SESSION_LOCK = FIGURA_LOCK.replace('_xact_', '_');

/**
 * Starts a new attempt at a job, inside the caller's transaction. Waits while an earlier attempt is in the transaction
 * that ends the job: then there is nothing left to claim. null: the job has ended.
 */
export async function claimJob(db: DbClient, jobId: string, workerId: string): Promise<ClaimedJob | null> {
  await db.query(JOB_LOCK, [jobId]);
  const { rows } = await db.query(
    `update carga.jobs
        set status = 'processing', phase = 'reading', attempt = attempt + 1, worker_id = $2,
            started_at = coalesce(started_at, clock_timestamp()),
            rows_total = null, rows_read = 0, rows_inserted = 0, rows_updated = 0, rows_deleted = 0, rows_unchanged = 0,
            rows_skipped = 0, rows_rejected = 0, percent = 0, rows_per_second = null,
            read_ms = 0, stage_ms = 0, validate_ms = 0, merge_ms = 0
      where id = $1 and status in ('queued', 'processing')
      returning id, figura, attempt, options, dry_run as "dryRun", bucket, object_key as "objectKey", etag,
                version_id as "versionId", file_name as "fileName", file_size_bytes as "fileSizeBytes",
                file_format as "fileFormat", file_sha256 as "fileSha256"`,
    [jobId, workerId],
  );
  const job = rows[0];
  if (!job) return null;
  await addJobEvent(db, jobId, job.attempt, job.attempt === 1 ? 'started' : 'resumed', { workerId });
  return job;
}

/** JSON for a jsonb column, which holds neither U+0000 nor half a surrogate pair: both are shown as U+FFFD. */
function storableJson(value: unknown): string {
  return JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, '$1\ufffd');
}

/** Writes a line to the job's log. */
export async function addJobEvent(
  db: Queryable,
  jobId: string,
  attempt: number,
  code: string,
  data: Record<string, unknown> = {},
): Promise<void> {
  await db.query('insert into carga.job_events (job_id, attempt, code, data) values ($1, $2, $3, $4)', [
    jobId,
    attempt,
    code,
    storableJson(data),
  ]);
}

/** What a running attempt tells about itself. */
export interface ProgressUpdate {
  phase: JobPhase;
  rowsTotal: number | null;
  rowsRead: number;
  rowsRejected: number;
  rowsSkipped: number;
  percent: number;
  rowsPerSecond: number | null;
  timings: PhaseTimings;
}

const PROGRESS_COLUMNS =
  'phase, rows_total, rows_read, rows_rejected, rows_skipped, percent, rows_per_second, read_ms, stage_ms, validate_ms, merge_ms';
const PROGRESS_VALUES =
  '$3::carga.job_phase, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::float8, $9::float8, $10::int, $11::int, $12::int, $13::int';

/**
 * Writes the progress of an attempt, if it has changed: while a merge runs no older version of the job's row can be
 * removed, and each of the rows that are reported with it has to pass over all of them (1.5M rows took 84 s
 * instead of 51). @throws FencedError, CancelledError when the attempt must stop.
 */
export async function updateProgress(
  db: Queryable,
  jobId: string,
  attempt: number,
  progress: ProgressUpdate,
): Promise<void> {
  const { timings } = progress;
  const { rows } = await db.query(
    `with changed as (
       update carga.jobs
          set (${PROGRESS_COLUMNS}) = row(${PROGRESS_VALUES})
        where id = $1 and attempt = $2 and status = 'processing' and (${PROGRESS_COLUMNS}) is distinct from (${PROGRESS_VALUES}))
     select cancel_requested_at is not null as cancelled
       from carga.jobs where id = $1 and attempt = $2 and status = 'processing'`,
    [
      jobId,
      attempt,
      progress.phase,
      progress.rowsTotal,
      progress.rowsRead,
      progress.rowsRejected,
      progress.rowsSkipped,
      progress.percent,
      progress.rowsPerSecond,
      timings.readMs,
      timings.stageMs,
      timings.validateMs,
      timings.mergeMs,
    ],
  );
  if (rows.length === 0) throw new FencedError(`attempt ${attempt} of job ${jobId} has been taken over`);
  if (rows[0].cancelled) throw new CancelledError(`job ${jobId} was cancelled`);
}

/**
 * Takes the locks of a transaction that ends a job: the figura's, so that loads of one figura apply one after another,
 * and the job's, so that no other attempt starts meanwhile. @throws FencedError, CancelledError
 */
export async function enterFinalTransaction(db: DbClient, job: Pick<ClaimedJob, 'id' | 'figura' | 'attempt'>) {
  await db.query(FIGURA_LOCK, [job.figura]);
  await requireAttempt(db, job);
}

/** Takes the figura's lock before that transaction, and until the session ends. */
export async function lockFigura(db: DbClient, figura: string): Promise<void> {
  await db.query(FIGURA_SESSION_LOCK, [figura]);
}

/**
 * Takes the job's lock, inside a transaction: until it ends this attempt is the newest. @throws FencedError,
 * CancelledError
 */
export async function requireAttempt(db: DbClient, job: Pick<ClaimedJob, 'id' | 'attempt'>): Promise<void> {
  await db.query(JOB_LOCK, [job.id]);
  const { rows } = await db.query(
    `select attempt, status, cancel_requested_at is not null as cancelled from carga.jobs where id = $1`,
    [job.id],
  );
  if (rows[0]?.attempt !== job.attempt || rows[0].status !== 'processing') {
    throw new FencedError(`attempt ${job.attempt} of job ${job.id} has been taken over`);
  }
  if (rows[0].cancelled) throw new CancelledError(`job ${job.id} was cancelled`);
}

/** How a job ends. */
export type JobEnd =
  | { status: 'complete' }
  | { status: 'error'; code: string; details: ErrorDetails }
  | { status: 'cancelled' };

/**
 * Writes the end of a job, inside the transaction that `enterFinalTransaction` opened.
 * @throws FencedError, CancelledError
 */
export async function endJob(
  db: DbClient,
  job: Pick<ClaimedJob, 'id' | 'attempt'>,
  end: JobEnd,
  rows: RowOutcomes,
  timings: PhaseTimings,
): Promise<void> {
  const result =
    end.status === 'complete' ? (rows.rejected > 0 ? 'partial' : 'success') : end.status === 'error' ? 'failed' : null;
  const updated = await db.query(
    `update carga.jobs
        set status = $3::carga.job_status, result = $4::carga.job_result, phase = 'done', finished_at = clock_timestamp(), percent = case when $3::text = 'complete' then 100 else percent end,
            rows_total = greatest(rows_total, $5), rows_read = $5, rows_inserted = $6, rows_updated = $7, rows_deleted = $8, rows_unchanged = $9,
            rows_skipped = $10, rows_rejected = $11, rows_per_second = null,
            read_ms = $12, stage_ms = $13, validate_ms = $14, merge_ms = $15,
            error_code = $16, error_details = $17,
            dedupe_key = case when $3::text = 'complete' then dedupe_key end
      where id = $1 and attempt = $2 and status = 'processing' and ($3::text <> 'complete' or cancel_requested_at is null)`,
    [
      job.id,
      job.attempt,
      end.status,
      result,
      rows.read,
      rows.inserted,
      rows.updated,
      rows.deleted,
      rows.unchanged,
      rows.skipped,
      rows.rejected,
      timings.readMs,
      timings.stageMs,
      timings.validateMs,
      timings.mergeMs,
      end.status === 'error' ? end.code : null,
      end.status === 'error' ? storableJson(end.details) : null,
    ],
  );
  if (updated.rowCount !== 1) {
    const { rows } = await db.query(
      `select 1 from carga.jobs where id = $1 and attempt = $2 and status = 'processing' and cancel_requested_at is not null`,
      [job.id, job.attempt],
    );
    if (rows.length > 0) throw new CancelledError(`job ${job.id} was cancelled`);
    throw new FencedError(`attempt ${job.attempt} of job ${job.id} may not end it`);
  }
  await addJobEvent(db, job.id, job.attempt, 'finished', {
    status: end.status,
    ...(end.status === 'error' ? { code: end.code } : {}),
  });
}

/** Keeps a dry run's sample of changes with the job. */
export async function keepChanges(
  db: Queryable,
  job: Pick<ClaimedJob, 'id'>,
  changes: readonly RowChange[],
): Promise<void> {
  await db.query('update carga.jobs set changes = $2 where id = $1', [job.id, JSON.stringify(changes)]);
}

/**
 * Gives a job back to the queue after a fault of the surroundings; one whose end was asked for meanwhile ends instead.
 * Does nothing when the attempt was taken over.
 */
export async function releaseJob(db: Queryable, jobId: string, attempt: number, code: string): Promise<void> {
  const { rows } = await db.query(
    `update carga.jobs
        set status = case when cancel_requested_at is null then 'queued' else 'cancelled' end::carga.job_status,
            phase = case when cancel_requested_at is null then null else 'done' end::carga.job_phase,
            finished_at = case when cancel_requested_at is null then null else clock_timestamp() end,
            dedupe_key = case when cancel_requested_at is null then dedupe_key end,
            worker_id = null, rows_per_second = null,
            rows_read = 0, rows_inserted = 0, rows_updated = 0, rows_deleted = 0, rows_unchanged = 0, rows_skipped = 0,
            rows_rejected = 0
      where id = $1 and attempt = $2 and status = 'processing'
      returning status`,
    [jobId, attempt],
  );
  if (rows[0]?.status === 'queued') await addJobEvent(db, jobId, attempt, 'retry_scheduled', { code });
  else if (rows[0]) await addJobEvent(db, jobId, attempt, 'finished', { status: 'cancelled' });
}
