import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runMigrations as runQueueMigrations } from 'graphile-worker';
import { findApplicationUrl } from '#lib/db/application-role.ts';
import { grantApplication, RoleError } from '#lib/db/grant-application.ts';
import { createPool, type DbClient, openClient } from '#lib/db/pool.ts';
import { isDatabaseAway, isDatabaseError, SQLSTATE } from '#lib/db/sqlstate.ts';
import { createLogger } from '#lib/log.ts';

/** Why a database cannot be brought up to date; the message is one line a person can act on. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/** One folder of prisma/migrations. */
interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of the file, as Prisma Migrate writes it. */
  checksum: string;
}

/** Oldest server whose MERGE the load engine can use. */
const OLDEST_VERSION = 15;
/** The advisory lock Prisma Migrate takes: its own `migrate deploy` and we wait for each other. */
const PRISMA_LOCK = 72707369;
// Longer than any migration here takes on a full database; whoever waits longer waits for something that hangs.
const LOCK_TIMEOUT_MS = 120_000;

/** How the database is brought up to date. */
export interface MigrationOptions {
  /** The application's own address, where its role is not the owner's: that role gets its rights. */
  applicationUrl?: string;
}

const DEFAULT_DIRECTORY = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/**
 * Brings the database up to date: our migrations as `prisma migrate deploy` would leave them (it needs an engine that
 * is downloaded; this needs none), then the queue's own. Safe to call from several processes at once.
 * Returns the names of the migrations it applied. @throws MigrationError
 */
export async function applyMigrations(
  databaseUrl: string,
  directory = DEFAULT_DIRECTORY,
  options: MigrationOptions = {},
): Promise<string[]> {
  const client = await connect(databaseUrl);
  try {
    await refuseOldServer(client);
    await client.query("SELECT set_config('lock_timeout', $1, false)", [String(LOCK_TIMEOUT_MS)]);
    await takeLock(client);
    const applied = await applyPending(client, await readMigrations(directory));
    // Still under the lock: the queue notices a second process that migrates at once, but only by failing.
    await migrateQueue(databaseUrl);
    if (options.applicationUrl !== undefined) {
      await grantApplication(client, decodeURIComponent(new URL(options.applicationUrl).username));
    }
    return applied;
  } catch (error) {
    if (error instanceof RoleError) throw new MigrationError(error.message, { cause: error });
    if (isDatabaseError(error) && error.code === SQLSTATE.insufficientPrivilege) {
      throw new MigrationError(`The database's user may not make what Carga needs: ${error.message}`, { cause: error });
    }
    throw error;
  } finally {
    // Gives the lock back as well: it belongs to the session.
    await client.end();
  }
}

async function connect(databaseUrl: string) {
  try {
    return await openClient({ connectionString: databaseUrl, applicationName: 'carga-migrate' });
  } catch (error) {
    throw unreachable(databaseUrl, error);
  }
}

function unreachable(databaseUrl: string, cause: unknown): MigrationError {
  return new MigrationError(`The database ${placeOf(databaseUrl)} cannot be reached: ${reasonOf(cause)}`, { cause });
}

/** Host, port and database of an address, without its credentials. */
function placeOf(databaseUrl: string): string {
  const { hostname, port, pathname } = new URL(databaseUrl);
  return `${hostname}:${port || 5432}${pathname}`;
}

function reasonOf(error: unknown): string {
  // Node gathers the attempts on several addresses in one error that has no message of its own.
  if (error instanceof AggregateError) return error.errors.map((one) => one.message).join(', ');
  return error instanceof Error ? error.message : String(error);
}

async function refuseOldServer(client: DbClient): Promise<void> {
  const { rows } = await client.query<{ number: number; version: string }>(
    "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version",
  );
  const [server] = rows;
  if (server && server.number >= OLDEST_VERSION * 10_000) return;
  throw new MigrationError(`Carga needs PostgreSQL ${OLDEST_VERSION} or later; this server is ${server?.version}.`);
}

async function takeLock(client: DbClient): Promise<void> {
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
  } catch (error) {
    if (!isDatabaseError(error) || error.code !== SQLSTATE.lockNotAvailable) throw error;
    throw new MigrationError('Another process has been migrating this database for two minutes.', { cause: error });
  }
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const folders = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const names = folders.map((folder) => folder.name).sort();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(path.join(directory, name, 'migration.sql'));
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
    }),
  );
}

async function applyPending(client: DbClient, migrations: Migration[]): Promise<string[]> {
  // Its schema is named: for a user called "carga" the schema "carga" comes first in the search path.
  await client.query(`CREATE TABLE IF NOT EXISTS public._prisma_migrations (
    id varchar(36) PRIMARY KEY NOT NULL,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`);
  const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM public._prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  const unfinished = rows.find((row) => !row.finished);
  if (unfinished) {
    throw new MigrationError(
      `Migration ${unfinished.name} failed earlier under Prisma; mend the database, then: npm run prisma -- migrate resolve`,
    );
  }
  const checksums = new Map(rows.map((row) => [row.name, row.checksum]));
  const applied: string[] = [];
  for (const migration of migrations) {
    const checksum = checksums.get(migration.name);
    if (checksum === migration.checksum) continue;
    if (checksum !== undefined) {
      // As Prisma does: a change of line endings is no reason not to start, but somebody should know.
      createLogger().warn('a migration was changed after it was applied to this database', { name: migration.name });
      continue;
    }
    await applyOne(client, migration);
    applied.push(migration.name);
  }
  return applied;
}

/** The migration and its record are one transaction: what fails leaves nothing behind and can simply be run again. */
async function applyOne(client: DbClient, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO public._prisma_migrations
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('COMMIT');
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    await client.query('ROLLBACK');
    throw new MigrationError(
      `Migration ${migration.name} failed and was rolled back: ${explain(error, migration.sql)}`,
      {
        cause: error,
      },
    );
  }
}

function explain(error: unknown, sql: string): string {
  if (!isDatabaseError(error)) return reasonOf(error);
  const position = Number((error as { position?: string }).position);
  if (!position) return `${error.message} (${error.code})`;
  const line = sql.slice(0, position).split('\n').length;
  return `${error.message} (${error.code}, line ${line})`;
}

async function migrateQueue(databaseUrl: string): Promise<void> {
  // A pool of ours: given an address only, the queue would print each migration and keep ten sessions for it.
  const pgPool = createPool({ connectionString: databaseUrl, applicationName: 'carga-migrate', max: 1 });
  pgPool.on('connect', (client) => client.on('error', () => {}));
  try {
    await runQueueMigrations({ pgPool });
  } finally {
    await pgPool.end();
  }
}

/**
 * Brings the database up to date, by the owner of the tables where the settings name one (`CARGA_MIGRATION_DATABASE_URL`).
 * Returns the address that web and workers are to use. @throws MigrationError
 */
export async function prepareDatabase(databaseUrl: string, ownerUrl?: string): Promise<string> {
  const migrate = (owner: string, applicationUrl?: string) =>
    applyMigrations(owner, DEFAULT_DIRECTORY, { applicationUrl });
  if (ownerUrl !== undefined) {
    await migrate(ownerUrl, databaseUrl);
    return databaseUrl;
  }
  const applicationUrl = await findApplicationUrl(databaseUrl).catch((error) => {
    throw unreachable(databaseUrl, error);
  });
  await migrate(databaseUrl, applicationUrl === databaseUrl ? undefined : applicationUrl);
  return applicationUrl;
}
