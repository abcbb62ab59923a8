import type { ErrorDetails } from '../errors.ts';
import type { Locale } from '../i18n/locales.ts';
import { translate } from '../i18n/translate.ts';
import { type FileFormat, isTerminal, type JobPhase, type JobResult, type JobStatus } from '../job/job-states.ts';
import { stageCounts } from '../job/row-outcomes.ts';
import type { JobDto } from './schemas.ts';

/** Columns of `carga.jobs` that a job's wire form is made from; `JobRow` is their shape. */
export const JOB_COLUMNS = `
  j.id, j.figura, j.status, j.phase, j.result, j.mode, j.dry_run as "dryRun", j.options, j.bucket,
  j.object_key as "objectKey", j.etag, j.version_id as "versionId", j.file_name as "fileName", j.file_size_bytes as "fileSizeBytes",
  j.file_format as "fileFormat", j.file_sha256 as "fileSha256", j.attempt, j.revision, j.rows_total as "rowsTotal",
  j.rows_read as "rowsRead", j.rows_inserted as "rowsInserted", j.rows_updated as "rowsUpdated",
  j.rows_deleted as "rowsDeleted", j.rows_unchanged as "rowsUnchanged", j.rows_skipped as "rowsSkipped",
  j.rows_rejected as "rowsRejected", j.percent, j.rows_per_second as "rowsPerSecond", j.read_ms as "readMs",
  j.stage_ms as "stageMs", j.validate_ms as "validateMs", j.merge_ms as "mergeMs", j.error_code as "errorCode",
  j.error_details as "errorDetails", j.created_by_kind as "createdByKind", j.created_by_id as "createdById",
  j.created_by_name as "createdByName", j.created_at as "createdAt", j.started_at as "startedAt",
  j.finished_at as "finishedAt", j.mends_job_id as "mendsJobId"`;

/** What a job waits for. */
export interface JobWaiting {
  /** Place among the jobs that could start now, from 1; null when it is not among the first 1,000 of them. */
  position: number | null;
  /** Its turn, a worker, the time of its next try, or its figura. */
  reason: NonNullable<JobDto['waiting']>['reason'];
  /** When it is tried again; null unless that is what it waits for. */
  retryAt: Date | null;
}

/** A job as the database hands it over. */
export interface JobRow {
  id: string;
  figura: string;
  status: JobStatus;
  phase: JobPhase | null;
  result: JobResult | null;
  mode: string;
  dryRun: boolean;
  options: Record<string, unknown>;
  bucket: string;
  objectKey: string;
  etag: string;
  versionId: string | null;
  fileName: string;
  fileSizeBytes: number;
  fileFormat: FileFormat;
  fileSha256: string | null;
  attempt: number;
  revision: number;
  rowsTotal: number | null;
  rowsRead: number;
  rowsInserted: number;
  rowsUpdated: number;
  rowsDeleted: number;
  rowsUnchanged: number;
  rowsSkipped: number;
  rowsRejected: number;
  percent: number;
  rowsPerSecond: number | null;
  readMs: number;
  stageMs: number;
  validateMs: number;
  mergeMs: number;
  errorCode: string | null;
  errorDetails: ErrorDetails | null;
  createdByKind: 'user' | 'api_key' | 'system';
  createdById: string | null;
  createdByName: string;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  mendsJobId: string | null;
  /** Added by `withWaiting`. */
  waiting?: JobWaiting | null;
}

/** Path of a job's status route. */
export function statusPath(figura: string, id: string): string {
  return `/api/${figura}/_bulk/status/${id}`;
}

function etaSeconds(row: JobRow, now: Date): number | null {
  if (row.status !== 'processing' || row.startedAt === null || row.percent < 1) return null;
  const spentMs = now.getTime() - row.startedAt.getTime();
  return Math.max(0, Math.round(((spentMs / row.percent) * (100 - row.percent)) / 100) / 10);
}

/** A job as the wire carries it. */
export function toJobDto(row: JobRow, publicUrl: string, locale: Locale, now = new Date()): JobDto {
  const self = publicUrl + statusPath(row.figura, row.id);
  const rows = {
    read: row.rowsRead,
    inserted: row.rowsInserted,
    updated: row.rowsUpdated,
    deleted: row.rowsDeleted,
    unchanged: row.rowsUnchanged,
    skipped: row.rowsSkipped,
    rejected: row.rowsRejected,
  };
  const end = row.finishedAt ?? now;
  return {
    id: row.id,
    figura: row.figura,
    status: row.status,
    phase: row.phase,
    result: row.result,
    progress: {
      percent: Math.round(row.percent * 10) / 10,
      rowsTotal: row.rowsTotal,
      rowsRead: row.rowsRead,
      rowsPerSecond: row.rowsPerSecond === null ? null : Math.round(row.rowsPerSecond),
      etaSeconds: etaSeconds(row, now),
    },
    rows,
    stage: stageCounts(row.status, row.phase === 'merging', rows),
    error:
      row.errorCode === null
        ? null
        : { code: row.errorCode, detail: translate(locale, `errors.${row.errorCode}`, row.errorDetails ?? {}) },
    file: {
      url: `s3://${row.bucket}/${row.objectKey}`,
      name: row.fileName,
      size: row.fileSizeBytes,
      format: row.fileFormat,
      etag: row.etag,
      sha256: row.fileSha256,
    },
    options: row.options,
    dryRun: row.dryRun,
    mends: row.mendsJobId,
    waiting: row.waiting ? { ...row.waiting, retryAt: row.waiting.retryAt?.toISOString() ?? null } : null,
    attempts: row.attempt,
    timings: {
      queuedMs: Math.max(
        0,
        (row.startedAt ?? (isTerminal(row.status) ? end : now)).getTime() - row.createdAt.getTime(),
      ),
      readMs: row.readMs,
      stageMs: row.stageMs,
      validateMs: row.validateMs,
      mergeMs: row.mergeMs,
      totalMs: Math.max(0, end.getTime() - row.createdAt.getTime()),
    },
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    createdBy: { kind: row.createdByKind === 'api_key' ? 'apiKey' : 'user', name: row.createdByName },
    links: { self, events: `${self}/events`, rows: `${self}/rows`, errors: `${self}/errors`, file: `${self}/file` },
  };
}
