import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { writeSecret } from '#embedded/data-folder.ts';
import { findFreePort, portFault } from '#embedded/ports.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#embedded/postgres.ts';
import { keepRunning } from '#embedded/restart.ts';
import { startS3Server } from '#embedded/s3/server.ts';
import type { LaunchSettings } from '#embedded/settings.ts';
import { makeApplicationRole } from '#lib/db/application-role.ts';
import type { Logger } from '#lib/log.ts';

/** The bucket, and the variables by which others find it. */
export interface BucketService {
  environment: Record<string, string>;
  stop(): Promise<void>;
}

/** The database, and its address: of the embedded one the superuser's. */
export interface DatabaseService {
  url: string;
  stop(): Promise<void>;
}

/** Bucket of the embedded S3 server. */
const BUCKET = 'carga';
const REGION = 'us-east-1';

/** The configured database, or the embedded one, which is started again if it dies; `fail` is told when it cannot be. */
export async function provideDatabase(
  settings: LaunchSettings,
  log: Logger,
  fail: (error: unknown) => void,
): Promise<DatabaseService> {
  if (settings.databaseUrl) return { url: settings.databaseUrl, stop: async () => {} };
  let port: number | undefined;
  const start = async (): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dataDirectory: settings.dataDirectory, port });
    // The others have its address: from now on no other port will do.
    port = Number(new URL(server.url).port);
    return server;
  };
  const onEnd = (_: unknown, delayMs: number) => {
    log.error('the embedded PostgreSQL ended unexpectedly; starting it again', { delayMs });
  };
  const kept = await keepRunning(start, onEnd, fail);
  const stop = async () => {
    const server = await kept.release();
    await server.stop();
  };
  const { url } = kept.current;
  try {
    await makeApplicationRole(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The configured bucket, or one of an embedded S3 server on loopback. */
export async function provideBucket(settings: LaunchSettings): Promise<BucketService> {
  if (settings.bucket) return { environment: { S3_BUCKET: settings.bucket }, stop: async () => {} };
  const { dataDirectory, publicUrl, port } = settings;
  const kept = await keepBucketAccess(path.join(dataDirectory, 's3-access.json'));
  const server = await startS3Server({
    directory: path.join(dataDirectory, 's3'),
    host: '127.0.0.1',
    ...kept,
    region: REGION,
    buckets: [BUCKET],
    corsOrigins: [...new Set([new URL(publicUrl).origin, `http://localhost:${port}`, `http://127.0.0.1:${port}`])],
  });
  return {
    environment: {
      S3_BUCKET: BUCKET,
      AWS_ENDPOINT_URL_S3: server.url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: kept.accessKeyId,
      AWS_SECRET_ACCESS_KEY: kept.secretAccessKey,
      // What the caller has of a real account would be sent along, and refused.
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
    },
    stop: () => server.stop(),
  };
}

interface BucketAccess {
  accessKeyId: string;
  secretAccessKey: string;
  port: number;
}

/** Credentials made once; the port too is kept while it is free, so that uploads under way survive a restart. */
async function keepBucketAccess(file: string): Promise<BucketAccess> {
  const kept = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as BucketAccess) : null;
  const access: BucketAccess = {
    accessKeyId: kept?.accessKeyId ?? `CARGA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: kept?.secretAccessKey ?? randomBytes(30).toString('base64url'),
    port: kept && (await portFault(kept.port)) === null ? kept.port : await findFreePort(),
  };
  writeSecret(file, JSON.stringify(access));
  return access;
}
