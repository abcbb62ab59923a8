import type { S3Client } from '@aws-sdk/client-s3';
import { CallerWatch } from './access/caller-watch.ts';
import { createLimits, type Limits } from './access/rate-limit.ts';
import { Turns } from './api/turns.ts';
import type { PrismaClient } from './db/generated/client.ts';
import { JobNotifications } from './db/job-notifications.ts';
import { createPool, type DbPool } from './db/pool.ts';
import { createPrisma } from './db/prisma.ts';
import { readWebEnv, type WebEnv } from './env.ts';
import { createLogger, type Logger } from './log.ts';
import { createStorage } from './storage/bucket.ts';

/** What the handlers of one web process share. */
export interface Services {
  env: WebEnv;
  pool: DbPool;
  prisma: PrismaClient;
  storage: S3Client;
  limits: Limits;
  notifications: JobNotifications;
  /** Whether the callers of answers that are held open may still have them. */
  callers: CallerWatch;
  /** Whose turn it is to have a file restored. */
  restores: Turns;
  /** Aborted when the process ends: open event streams close. */
  streams: AbortController;
  logger: Logger;
}

// Next bundles instrumentation and route handlers apart: what is shared lives on globalThis, not in a module.
const holder = globalThis as typeof globalThis & { cargaServices?: Services };

// Handlers hold a session for milliseconds; waiting for a job's change holds none.
const POOL_SIZE = 10;
// Far above anything a page or program asks for, and what proxies wait: a statement that hangs, behind a lock or over
// data nobody thought of, gives its session back, or ten of them would leave nothing for the others.
const STATEMENT_TIMEOUT_MS = 60_000;

// Each restore is a reader process with its own memory and a copy of the file: two at a time leave room for the pages.
const RESTORES = { atOnce: 2, waiting: 16, waitMs: 30_000 };

/** The process's services, made at first use. @throws EnvError when settings are missing */
export function getServices(): Services {
  holder.cargaServices ??= createServices();
  return holder.cargaServices;
}

function createServices(): Services {
  // biome-ignore lint/style/noProcessEnv: read once, when the first request or the start needs it
  const env = readWebEnv(process.env);
  const logger = createLogger({ process: 'web' });
  const pool = createPool({
    connectionString: env.DATABASE_URL,
    applicationName: 'carga-web',
    max: POOL_SIZE,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  return {
    env,
    logger,
    pool,
    limits: createLimits(pool, env.RATE_LIMIT_PER_MINUTE),
    prisma: createPrisma(env.DATABASE_URL),
    storage: createStorage(env),
    notifications: new JobNotifications(env.DATABASE_URL, logger),
    callers: new CallerWatch(pool),
    restores: new Turns(RESTORES),
    streams: new AbortController(),
  };
}
