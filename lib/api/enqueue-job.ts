import 'server-only';
import { randomUUID } from 'node:crypto';
import { recordAudit } from '../access/audit.ts';
import type { Caller } from '../access/caller.ts';
import type { DbClient } from '../db/pool.ts';
import { withPoolTransaction } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import type { Figura } from '../figura/figura.ts';
import { loadFigura } from '../figura/figura-registry.ts';
import { detectFormat } from '../formats/detect-format.ts';
import type { EffectiveOptions } from '../job/job-options.ts';
import type { FileFormat } from '../job/job-states.ts';
import { addJobEvent } from '../load/job-record.ts';
import { enqueueLoad } from '../queue/load-task.ts';
import type { Services } from '../services.ts';
import { headObject, type ObjectVersion, readHead } from '../storage/bucket.ts';
import { UPLOAD_PREFIX } from '../storage/etag-hash.ts';
import { parseSourceUrl } from '../storage/source-url.ts';
import { findJob } from './find-jobs.ts';
import { hashOf } from './hash-of.ts';
import type { JobRow } from './job-dto.ts';
import type { EnqueueDto } from './schemas.ts';

// Enough to recognise any of the formats.
const HEAD_BYTES = 64 * 1024;

/** A job that was made, or that was there already. */
export interface EnqueueResult {
  id: string;
  status: string;
  created: boolean;
}

/** What makes two loads the same one: figura, version of the object, format and options. */
export function dedupeKeyOf(
  job: Pick<JobRow, 'figura' | 'bucket' | 'objectKey' | 'etag' | 'versionId' | 'fileFormat' | 'options' | 'dryRun'>,
): string {
  const { figura, bucket, objectKey, etag, versionId, fileFormat, options, dryRun } = job;
  return hashOf({ figura, bucket, objectKey, etag, versionId, fileFormat, options, dryRun });
}

function effectiveOptions(request: EnqueueDto, figura: Figura): EffectiveOptions {
  return {
    // A table without a key can only be appended to.
    mode: request.mode ?? (figura.keyColumns.length > 0 ? 'merge' : 'append'),
    onError: request.onError ?? figura.onError,
    maxErrors: request.maxErrors === undefined ? figura.maxErrors : request.maxErrors,
    mapping: request.mapping ?? figura.mapping,
    csv: request.csv ?? {},
  };
}

async function detectObjectFormat(
  services: Pick<Services, 'storage'>,
  object: ObjectVersion,
  fileName: string,
  declared: FileFormat | undefined,
): Promise<FileFormat> {
  const head = await readHead(services.storage, object, HEAD_BYTES);
  const detected = detectFormat(head, fileName);
  if ('error' in detected) {
    // A text format that was named outright is taken at the caller's word: text has no magic bytes.
    const isText = declared === 'csv' || declared === 'ndjson' || declared === 'json';
    if (!(isText && detected.error === 'unknown_format' && !head.includes(0))) {
      throw new AppError(detected.error, detected.detail, { details: { reason: detected.detail, fileName } });
    }
  }
  const found = 'format' in detected ? detected.format : undefined;
  const isBinary = (format: FileFormat | undefined) => format === 'parquet' || format === 'avro';
  if (declared && found && declared !== found && (isBinary(declared) || isBinary(found))) {
    throw new AppError('format_contradiction', `declared ${declared}, found ${found}`, {
      details: { declared, detected: found },
    });
  }
  return declared ?? (found as FileFormat);
}

/**
 * Enqueues a load of an object that lies in the bucket. The same figura, object version and options are the same job,
 * and so are the same bytes where the upload named their checksum, unless the job failed or `force` is set. The job's
 * row and the queue's task are written in one transaction; `onWritten` runs in it.
 * @throws AppError `source_not_allowed`, `source_not_found`, `file_too_large`, `unknown_format` …
 */
export async function enqueueJob(
  services: Services,
  caller: Caller,
  figuraName: string,
  request: EnqueueDto,
  onWritten: (db: DbClient, result: EnqueueResult) => Promise<void> = async () => {},
): Promise<EnqueueResult> {
  const { env, pool, storage } = services;
  const figura = await loadFigura(pool, figuraName);
  if (request.mends !== undefined) await findJob(pool, figuraName, request.mends);
  const options = effectiveOptions(request, figura);
  if (options.mode !== 'append' && figura.keyColumns.length === 0) {
    throw new AppError('mode_not_possible', `${figuraName} has no key`, { details: { mode: options.mode } });
  }
  const address = parseSourceUrl(request.url, {
    bucket: env.S3_BUCKET,
    allowedSources: env.S3_ALLOWED_SOURCES,
    endpoint: env.AWS_ENDPOINT_URL_S3,
    region: env.AWS_REGION,
  });
  const upload = (
    await pool.query(
      'select figura, file_name as "fileName", sha256 from carga.uploads where bucket = $1 and object_key = $2',
      [address.bucket, address.key],
    )
  ).rows[0];
  // What was uploaded for one figura is not to be read through another, which others may see. An address that no upload
  // had is first looked up: that it does not exist is the better answer.
  const isUpload = address.bucket === env.S3_BUCKET && address.key.startsWith(UPLOAD_PREFIX);
  const refuseUpload = () => {
    throw new AppError('source_not_allowed', 'the upload belongs to another figura', {
      details: { url: request.url.split('?')[0] ?? '', reason: 'other_figura' },
    });
  };
  if (isUpload && upload !== undefined && upload.figura !== figuraName) refuseUpload();
  const object = await headObject(storage, address);
  if (isUpload && upload === undefined) refuseUpload();
  const maxBytes = Math.min(env.MAX_FILE_BYTES, figura.maxFileBytes ?? Number.POSITIVE_INFINITY);
  if (object.sizeBytes > maxBytes) {
    throw new AppError('file_too_large', 'the object is over the limit', {
      details: { sizeBytes: object.sizeBytes, maxBytes },
    });
  }
  const fileName: string = upload?.fileName ?? address.key.slice(address.key.lastIndexOf('/') + 1);
  const format = await detectObjectFormat(services, object, fileName, request.format);
  const dryRun = request.dryRun ?? false;
  const dedupeKey = dedupeKeyOf({
    figura: figuraName,
    bucket: object.bucket,
    objectKey: object.key,
    etag: object.etag,
    versionId: object.versionId,
    fileFormat: format,
    options,
    dryRun,
  });
  const sha256: string | null = upload?.sha256?.toLowerCase() ?? null;
  const written = async (db: DbClient, result: EnqueueResult) => {
    await onWritten(db, result);
    return result;
  };
  return withPoolTransaction(pool, async (db) => {
    if (request.force) await db.query('update carga.jobs set dedupe_key = null where dedupe_key = $1', [dedupeKey]);
    else if (sha256 !== null) {
      const known = await findByContent(db, { figura: figuraName, sha256, format, options, dryRun });
      if (known) return written(db, { ...known, created: false });
    }
    const id = randomUUID();
    const { rowCount } = await db.query(
      `insert into carga.jobs (id, figura, mode, dry_run, options, bucket, object_key, etag, version_id, file_name,
                               file_size_bytes, file_format, file_sha256, dedupe_key, created_by_kind, created_by_id, created_by_name, mends_job_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
       on conflict (dedupe_key) do nothing`,
      [
        id,
        figuraName,
        options.mode,
        dryRun,
        JSON.stringify(options),
        address.bucket,
        address.key,
        object.etag,
        object.versionId,
        fileName,
        object.sizeBytes,
        format,
        sha256,
        dedupeKey,
        caller.kind === 'apiKey' ? 'api_key' : 'user',
        caller.id,
        caller.name,
        request.mends ?? null,
      ],
    );
    if (rowCount === 0) {
      const { rows } = await db.query('select id, status from carga.jobs where dedupe_key = $1', [dedupeKey]);
      if (!rows[0]) throw new AppError('database_unavailable', 'the job that exists has just ended; ask again');
      return written(db, { ...rows[0], created: false });
    }
    await addJobEvent(db, id, 0, 'enqueued', { by: caller.name });
    await recordAudit(db, caller, {
      action: 'job.enqueued',
      target: `job:${id}`,
      after: { figura: figuraName, file: fileName, format, dryRun, force: request.force ?? false, ...options },
    });
    await enqueueLoad(db, id);
    return written(db, { id, status: 'queued', created: true });
  });
}

interface JobContent {
  figura: string;
  sha256: string;
  format: FileFormat;
  options: EffectiveOptions;
  dryRun: boolean;
}

/**
 * The newest job that stands for the same bytes and options under another address: its upload named the checksum, or its
 * worker found it. Uploads of the same bytes that are enqueued at once wait for each other here.
 */
async function findByContent(db: DbClient, content: JobContent): Promise<{ id: string; status: string } | null> {
  const { figura, sha256, format, options, dryRun } = content;
  await db.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`content:${figura}:${sha256}`]);
  const { rows } = await db.query(
    `select id, status from carga.jobs
      where file_sha256 = $1 and figura = $2 and file_format = $3 and options = $4::jsonb and dry_run = $5
        and dedupe_key is not null
      order by created_at desc limit 1`,
    [sha256, figura, format, JSON.stringify(options), dryRun],
  );
  return rows[0] ?? null;
}
