import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyMigrations } from '#lib/db/migrate.ts';
import { createTestDatabase, postgresVersions } from '#tests/support/postgres.ts';

const MIGRATIONS = 'prisma/migrations';
const names = fs.readdirSync(MIGRATIONS).filter((name) => name !== 'migration_lock.toml');

let temporary: string;
beforeAll(() => {
  temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'carga-migrations-'));
});
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

/** The real Prisma command. */
function prisma(url: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/prisma.mjs', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DATABASE_URL: url },
  });
  return { status, output: stdout + stderr };
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A copy of the migrations with one more. */
function withMigration(name: string, sql: string): string {
  const directory = fs.mkdtempSync(path.join(temporary, 'more-'));
  fs.cpSync(MIGRATIONS, directory, { recursive: true });
  fs.mkdirSync(path.join(directory, name));
  fs.writeFileSync(path.join(directory, name, 'migration.sql'), sql);
  return directory;
}

describe.each(postgresVersions)('migrations on PostgreSQL %i', async (version) => {
  const database = await createTestDatabase({ version, empty: true });

  test('bring an empty database up to date, and do nothing the second time', async () => {
    expect(await applyMigrations(database.url)).toEqual(names);
    expect(await applyMigrations(database.url)).toEqual([]);
    const queue = await query(database.url, "SELECT to_regclass('graphile_worker._private_jobs') IS NOT NULL AS there");
    expect(queue).toEqual([{ there: true }]);
  });

  test('leave what the real Prisma commands accept', () => {
    expect(prisma(database.url, 'migrate', 'status')).toMatchObject({
      status: 0,
      output: expect.stringContaining('Database schema is up to date!'),
    });
    expect(prisma(database.url, 'migrate', 'deploy')).toMatchObject({
      status: 0,
      output: expect.stringContaining('No pending migrations to apply.'),
    });
  });

  test('agree with the schema, and a change of the schema alone is noticed', () => {
    const difference = (schema: string) =>
      prisma(database.url, 'migrate', 'diff', '--from-config-datasource', '--to-schema', schema, '--exit-code');
    const schema = 'prisma/schema.prisma';
    expect(difference(schema)).toMatchObject({ status: 0 });

    const changed = path.join(temporary, `schema-${version}.prisma`);
    const text = fs.readFileSync(schema, 'utf8');
    fs.writeFileSync(changed, text.replace(/^model User \{/m, 'model User {\n  nickname String?'));
    expect(difference(changed)).toMatchObject({ status: 2, output: expect.stringContaining('nickname') });
  });

  test('that are applied by the real Prisma are not applied again', async () => {
    await query(database.url, 'DROP SCHEMA carga, carga_stage, cadastro, graphile_worker, public CASCADE');
    await query(database.url, 'CREATE SCHEMA public');
    expect(prisma(database.url, 'migrate', 'deploy')).toMatchObject({ status: 0 });
    expect(await applyMigrations(database.url)).toEqual([]);
  });
});

describe('applyMigrations', async () => {
  const database = await createTestDatabase();
  const empty = await createTestDatabase({ empty: true });

  test('lets one of several processes do the work', async () => {
    const directory = withMigration('20991231000000_slow', 'SELECT pg_sleep(0.3); CREATE TABLE public.once ();');
    const results = await Promise.all([1, 2, 3, 4].map(() => applyMigrations(database.url, directory)));
    expect(results.flat()).toEqual(['20991231000000_slow']);
  });

  test('gives messages that wait to the workers of this release alone', async () => {
    const { url } = empty;
    const before = fs.mkdtempSync(path.join(temporary, 'before-'));
    for (const name of names.filter((one) => one < '20261122211500_sealed_secrets')) {
      fs.cpSync(path.join(MIGRATIONS, name), path.join(before, name), { recursive: true });
    }
    await applyMigrations(url, before);
    await query(
      url,
      `with made as (insert into carga.webhooks (url, secret) values ('http://x', 'whsec_eA==') returning id),
            told as (insert into carga.webhook_deliveries (webhook_id, event, body) select id, 'job.failed', '' from made returning *)
       select carga.enqueue_webhook_delivery(webhook_id, id, now() + interval '1 hour') from told`,
    );
    const tasks = 'select task_identifier as task, run_at > now() as later from graphile_worker.jobs';
    expect(await query(url, tasks)).toEqual([{ task: 'deliver-webhook', later: true }]);
    await query(url, `update carga.webhook_deliveries set next_try_at = now() + interval '1 hour'`);
    await applyMigrations(url);
    expect(await query(url, tasks)).toEqual([{ task: 'send-webhook', later: true }]);
  });

  test('rolls a failed migration back, says where it failed, and runs it once it is mended', async () => {
    const name = '20991231000001_broken';
    const broken = withMigration(name, 'CREATE TABLE public.half ();\nSELECT nonsense;\n');
    await expect(applyMigrations(database.url, broken)).rejects.toThrow(
      `Migration ${name} failed and was rolled back: column "nonsense" does not exist (42703, line 2)`,
    );
    expect(await query(database.url, "SELECT to_regclass('public.half') AS half")).toEqual([{ half: null }]);
    const mended = withMigration(name, 'CREATE TABLE public.half ();');
    expect(await applyMigrations(database.url, mended)).toEqual([name]);
  });

  test('refuses to go on where the real Prisma left a failed migration', async () => {
    await query(
      database.url,
      `INSERT INTO public._prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', '20991231000002_left')`,
    );
    await expect(applyMigrations(database.url)).rejects.toThrow(/^Migration 20991231000002_left failed earlier/);
    await query(database.url, `DELETE FROM public._prisma_migrations WHERE id = 'x'`);
  });

  test('says in one line that the database cannot be reached, without the password', async () => {
    const url = new URL(database.url);
    url.password = 'guessed';
    const place = `${url.host}${url.pathname}`;
    await expect(applyMigrations(url.href)).rejects.toThrow(
      `The database ${place} cannot be reached: password authentication failed for user "carga"`,
    );
    url.port = '1';
    await expect(applyMigrations(url.href)).rejects.toThrow(/^The database 127\.0\.0\.1:1\/\w+ cannot be reached: .*/);
  });

  test('works when the user has the name of our schema', async () => {
    // PostgreSQL's search path begins with the user's own name.
    expect(await query(database.url, 'SELECT current_user AS name')).toEqual([{ name: 'carga' }]);
    expect(await query(database.url, "SELECT to_regclass('carga._prisma_migrations') AS stray")).toEqual([
      { stray: null },
    ]);
  });
});
