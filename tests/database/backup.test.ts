// The steps of the guide to backups, as they stand there.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { startEmbeddedPostgres } from '#embedded/postgres.ts';
import { startS3Server } from '#embedded/s3/server.ts';
import { applyMigrations } from '#lib/db/migrate.ts';
import { createTestDatabase, postgresVersions } from '#tests/support/postgres.ts';
import { guideBlocks } from '../support/guide-blocks.ts';

const run = promisify(execFile);
const folder = mkdtempSync(path.join(tmpdir(), 'carga-backup-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of the newest server that this machine's pg_dump can read; null without pg_dump. */
const dumpable = await (async () => {
  try {
    const [, major] = /(\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' })) ?? [];
    return postgresVersions.find((version) => version <= Number(major)) ?? null;
  } catch {
    return null;
  }
})();

async function shell(code: string | undefined, variables: Record<string, string>): Promise<void> {
  const env = { PATH: process.env.PATH, ...variables } as unknown as NodeJS.ProcessEnv;
  await run('bash', ['-c', code as string], { cwd: folder, env });
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

const FILL = `
  create schema vendas;
  create table vendas.clientes (id int primary key, nome text not null);
  insert into vendas.clientes values (1, 'Ana'), (2, 'Zé');
  insert into carga.figuras (name, title, schema_name, table_name, key_columns)
    values ('clientes', 'Clientes', 'vendas', 'clientes', '{id}');
  insert into carga.audit (actor_kind, actor_name, action, target) values ('system', 'x', 'y', 'z');
  create unlogged table carga_stage.de_passagem (n int);
  insert into carga_stage.de_passagem values (1);`;
const LOOK = `
  select (select json_agg(c order by id) from vendas.clientes c) as clientes,
         (select count(*)::int from carga.figuras) as figuras,
         (select count(*)::int from carga.audit) as audit,
         (select count(*)::int from pg_tables where schemaname = 'carga_stage') as stages`;

test.runIf(dumpable)('a database is restored whole, and needs no migration', async () => {
  const [dump, restore] = await guideBlocks('upgrade-and-back-up', 'bash');
  const database = await createTestDatabase({ version: dumpable as number });
  const empty = await createTestDatabase({ version: dumpable as number, empty: true });
  await query(database.url, FILL);
  const [before] = await query(database.url, LOOK);
  const ending = new pg.Client({ connectionString: database.url });
  await ending.connect();
  // A job that is about to end waits for no dump, nor the dump for it.
  await ending.query('begin; drop table carga_stage.de_passagem');
  await shell(dump, { DATABASE_URL: database.url });
  await ending.query('rollback');
  await ending.end();
  await shell(restore, { RESTORED_URL: empty.url });
  // Stages are of running jobs, which begin anew.
  expect(await query(empty.url, LOOK)).toEqual([{ ...before, stages: 0 }]);
  expect(await applyMigrations(empty.url)).toEqual([]);
  await expect(query(empty.url, 'delete from carga.audit')).rejects.toThrow('append-only');
});

test('the data folder of the embedded servers is restored whole', async () => {
  const [, , pack, unpack] = await guideBlocks('upgrade-and-back-up', 'bash');
  const data = path.join(folder, 'data');
  const restored = path.join(folder, 'restored');
  const s3 = { accessKeyId: 'copia', secretAccessKey: 'copia-copia', buckets: ['carga'], corsOrigins: [] };
  const first = await startEmbeddedPostgres({ dataDirectory: data });
  await applyMigrations(first.url);
  await query(first.url, FILL);
  const [before] = await query(first.url, LOOK);
  const bucket = await startS3Server({ directory: path.join(data, 's3'), ...s3 });
  await bucket.stop();
  await first.stop();
  await shell(pack, { CARGA_DATA_DIR: data });
  rmSync(data, { recursive: true });
  await shell(unpack, { RESTORED_DIR: restored });
  const second = await startEmbeddedPostgres({ dataDirectory: restored });
  try {
    expect(await query(second.url, LOOK)).toEqual([before]);
    expect(await applyMigrations(second.url)).toEqual([]);
    const again = await startS3Server({ directory: path.join(restored, 's3'), ...s3 });
    await again.stop();
  } finally {
    await second.stop();
  }
});
