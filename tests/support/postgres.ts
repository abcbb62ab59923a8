import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, inject } from 'vitest';

/** A migrated database of one test file. */
export interface TestDatabase {
  url: string;
  /** Major version of its server. */
  version: number;
}

/** Major versions that database tests can run on here, newest first. */
export const postgresVersions: number[] = Object.keys(inject('postgresTemplates'))
  .map(Number)
  .sort((a, b) => b - a);

/** Sessions take a moment to end after their client did; one that is still there afterwards is leaked. */
const LEAK_GRACE_MS = 30_000;

/**
 * Makes a migrated database, cloned from a template in some 50 ms, and drops it after the tests of the file or
 * describe block it is called in. Those tests fail if they leave a session open.
 * `empty` gives a database without migrations.
 *
 *     const database = await createTestDatabase();
 */
export async function createTestDatabase(options: { version?: number; empty?: boolean } = {}): Promise<TestDatabase> {
  const version = options.version ?? (postgresVersions[0] as number);
  const template = new URL(inject('postgresTemplates')[version] as string);
  const name = `test_${randomBytes(6).toString('hex')}`;
  const source = options.empty ? 'template0' : template.pathname.slice(1);
  // Cloning refuses a template that another test file is cloning at this moment.
  await asAdmin(template, async (admin) => {
    await admin.query('SELECT pg_advisory_lock(1)');
    await admin.query(`CREATE DATABASE ${name} TEMPLATE ${source}`);
  });
  const url = new URL(template);
  url.pathname = `/${name}`;
  afterAll(() => asAdmin(template, (admin) => dropDatabase(admin, name)));
  return { url: url.href, version };
}

async function asAdmin<T>(template: URL, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(template);
  url.pathname = '/postgres';
  const admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  const deadline = Date.now() + LEAK_GRACE_MS;
  let leaked = await sessionsOf(admin, name);
  while (leaked.length > 0 && Date.now() < deadline) {
    await sleep(50);
    leaked = await sessionsOf(admin, name);
  }
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  if (leaked.length > 0) throw new Error(`Sessions were left open:\n  ${leaked.join('\n  ')}`);
}

async function sessionsOf(admin: pg.Client, name: string): Promise<string[]> {
  const { rows } = await admin.query<{ session: string }>(
    `SELECT format('%s (%s): %s', application_name, state, left(query, 200)) AS session
       FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
    [name],
  );
  return rows.map((row) => row.session);
}
