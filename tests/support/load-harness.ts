import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll } from 'vitest';
import { startS3Server } from '#embedded/s3/server.ts';
import { findApplicationUrl } from '#lib/db/application-role.ts';
import { createPool, type DbPool } from '#lib/db/pool.ts';
import { loadFigura } from '#lib/figura/figura-registry.ts';
import type { EffectiveOptions } from '#lib/job/job-options.ts';
import type { FileFormat } from '#lib/job/job-states.ts';
import type { RowFault } from '#lib/job/row-faults.ts';
import type { RowChange } from '#lib/load/dry-run.ts';
import type { LoadContext } from '#lib/load/load-context.ts';
import { runLoad } from '#lib/load/run-load.ts';
import { createLogger } from '#lib/log.ts';
import { createStorage, headObject } from '#lib/storage/bucket.ts';
import { createTestDatabase } from './postgres.ts';

/** The end of a job, as tests compare it. */
export interface LoadOutcome {
  id: string;
  status: string;
  result: string | null;
  error: string | null;
  /** Dry runs: a sample of what would change. */
  changes: RowChange[] | null;
  rows: Record<'read' | 'inserted' | 'updated' | 'deleted' | 'unchanged' | 'skipped' | 'rejected', number>;
  /** Rows that need a word each, in the file's order. */
  stage: { row: number; status: 'ER' | 'SK'; faults: RowFault[]; data: Record<string, unknown> }[];
}

/** The load engine on a real database and a real bucket, without web or queue around it. */
export interface LoadHarness {
  /** The superuser's, who makes the tables; loads run as the application's role. */
  pool: DbPool;
  databaseUrl: string;
  /** Registers a figura over a table. */
  register(
    name: string,
    table: string,
    settings?: { key?: string[]; opColumn?: string; required?: string[] },
  ): Promise<void>;
  /** Puts a file into the bucket and runs one job over it. */
  load(
    figura: string,
    file: { bytes: Uint8Array | string; format: FileFormat },
    options?: Partial<EffectiveOptions> & { dryRun?: boolean },
    context?: Partial<LoadContext>,
  ): Promise<LoadOutcome>;
  /** As {@link load}, but nothing runs yet. @returns the job's id */
  enqueue(
    figura: string,
    file: { bytes: Uint8Array | string; format: FileFormat },
    options?: Partial<EffectiveOptions> & { dryRun?: boolean },
  ): Promise<string>;
  /** What a worker would run jobs with. */
  context(overrides?: Partial<LoadContext>): LoadContext;
  /** What has become of a job. */
  outcome(id: string): Promise<LoadOutcome>;
}

/** Starts a bucket and a database for the tests of the file or describe block it is called in. */
export async function createLoadHarness(version?: number): Promise<LoadHarness> {
  const database = await createTestDatabase({ version });
  const directory = await mkdtemp(path.join(tmpdir(), 'carga-load-test-'));
  const credentials = { accessKeyId: 'test-key', secretAccessKey: 'test-secret' };
  const bucket = 'carga';
  const s3 = await startS3Server({
    directory: path.join(directory, 's3'),
    ...credentials,
    buckets: [bucket],
    corsOrigins: [],
  });
  process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  const storage = createStorage({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_S3: s3.url });
  const pool = createPool({ connectionString: database.url, applicationName: 'carga-test', max: 4 });
  const applicationUrl = await findApplicationUrl(database.url);
  const loadPool = createPool({ connectionString: applicationUrl, applicationName: 'carga-test', max: 4 });
  afterAll(async () => {
    await Promise.all([pool.end(), loadPool.end()]);
    storage.destroy();
    await s3.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const outcome = async (id: string): Promise<LoadOutcome> => {
    const { rows } = await pool.query(
      `select id, status, result, error_code as error, changes,
              json_build_object('read', rows_read, 'inserted', rows_inserted, 'updated', rows_updated, 'deleted', rows_deleted,
                                'unchanged', rows_unchanged, 'skipped', rows_skipped, 'rejected', rows_rejected) as rows
         from carga.jobs where id = $1`,
      [id],
    );
    const stage = await pool.query(
      'select row_number as row, status, faults, data from carga.stage_area where batch = $1 order by row_number',
      [id],
    );
    return { ...rows[0], stage: stage.rows };
  };

  const enqueue: LoadHarness['enqueue'] = async (figuraName, file, options = {}) => {
    const { dryRun = false, ...asked } = options;
    const key = `tests/${randomUUID()}`;
    const body = typeof file.bytes === 'string' ? Buffer.from(file.bytes) : file.bytes;
    await storage.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    const object = await headObject(storage, { bucket, key });
    const figura = await loadFigura(pool, figuraName);
    const effective: EffectiveOptions = {
      mode: 'merge',
      onError: figura.onError,
      maxErrors: figura.maxErrors,
      mapping: {},
      csv: {},
      ...asked,
    };
    const id = randomUUID();
    await pool.query(
      `insert into carga.jobs (id, figura, mode, options, bucket, object_key, etag, file_name, file_size_bytes, file_format,
                               created_by_kind, created_by_name, dry_run)
       values ($1, $2, $3, $4, $5, $6, $7, 'test', $8, $9, 'system', 'test', $10)`,
      [
        id,
        figuraName,
        effective.mode,
        JSON.stringify(effective),
        bucket,
        key,
        object.etag,
        object.sizeBytes,
        file.format,
        dryRun,
      ],
    );
    return id;
  };

  const context: LoadHarness['context'] = (overrides = {}) => ({
    connectionString: applicationUrl,
    pool: loadPool,
    storage,
    workerId: randomUUID(),
    applicationName: 'carga-test-load',
    tempDirectory: directory,
    maxFileBytes: 1024 ** 3,
    chunkRows: 1_000_000,
    // Small files as well.
    sideLaneBytes: 1000,
    callHelpers: async () => {},
    logger: createLogger({}, { level: 'error', write: () => {} }),
    isLastTry: true,
    shutdown: new AbortController().signal,
    atStep: () => {},
    ...overrides,
  });

  return {
    pool,
    databaseUrl: database.url,
    async register(name, table, settings = {}) {
      const [schemaName, tableName] = table.split('.');
      await pool.query(
        `insert into carga.figuras (name, title, schema_name, table_name, key_columns, op_column, required_columns)
         values ($1, $1, $2, $3, $4, $5, $6)`,
        [name, schemaName, tableName, settings.key ?? ['id'], settings.opColumn ?? 'op', settings.required ?? []],
      );
    },
    outcome,
    context,
    enqueue,
    async load(figuraName, file, options = {}, overrides = {}) {
      const id = await enqueue(figuraName, file, options);
      await runLoad(context(overrides), id);
      return outcome(id);
    },
  };
}
