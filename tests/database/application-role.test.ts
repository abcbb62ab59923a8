// The role that web and workers have on the embedded PostgreSQL: it loads every table there is, and the audit is out of
// its reach. All other tests of loads run as it, too.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findApplicationUrl, makeApplicationRole } from '#lib/db/application-role.ts';
import { prepareDatabase } from '#lib/db/migrate.ts';
import { dropOrphanStages } from '#lib/load/create-stage.ts';
import { createLoadHarness } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';

describe.each(postgresVersions)('on PostgreSQL %i', async (version) => {
  const harness = await createLoadHarness(version);
  const { pool: superuser, databaseUrl } = harness;
  const stranger = `dono_${randomUUID().slice(0, 8)}`;
  let url: string;
  let application: pg.Client;

  beforeAll(async () => {
    url = await findApplicationUrl(databaseUrl);
    application = new pg.Client({ connectionString: url });
    await application.connect();
    await superuser.query(
      `insert into carga.audit (actor_kind, actor_name, action, target) values ('system', 'a', 'b', 'c')`,
    );
  });
  afterAll(async () => {
    await application?.end();
    await superuser.query(`drop owned by ${stranger} cascade; drop role ${stranger}`);
  });

  test('whoever comes as the superuser gets it, and nobody else', async () => {
    expect(new URL(url).username).toBe('carga_app');
    expect(await prepareDatabase(databaseUrl)).toBe(url);
    expect(await findApplicationUrl(url)).toBe(url);
    await superuser.query(`create role ${stranger} superuser login password 'x'`);
    const other = new URL(databaseUrl);
    other.username = stranger;
    other.password = 'x';
    expect(await findApplicationUrl(other.href)).toBe(other.href);
    await superuser.query(`alter role ${stranger} nosuperuser`);
    expect(await findApplicationUrl(other.href)).toBe(other.href);
    expect(
      (await application.query('select rolsuper as super from pg_roles where rolname = current_user')).rows,
    ).toEqual([{ super: false }]);
  });

  test('the audit cannot be changed by it', async () => {
    for (const statement of [
      `update carga.audit set action = 'z'`,
      'delete from carga.audit',
      'truncate carga.audit',
      `insert into carga.audit select * from carga.audit on conflict (id) do update set action = 'z'`,
      `merge into carga.audit a using carga.audit b on a.id = b.id when matched then delete`,
      'set session_replication_role = replica',
      'set role carga',
      'alter table carga.audit disable trigger all',
      'drop trigger audit_append_only on carga.audit',
      'create rule r as on insert to carga.audit do instead nothing',
      'create trigger t before insert on carga.audit execute function carga.audit_refuse_change()',
      'create or replace function carga.audit_refuse_change() returns trigger language plpgsql as $$begin return null; end$$',
      'alter function carga.audit_refuse_change() rename to x',
      'create function carga.f() returns int language sql as $$select 1$$',
      'alter schema carga rename to x',
      'drop schema carga cascade',
      'drop table carga.audit',
      `update pg_trigger set tgenabled = 'D'`,
      `alter role carga_app superuser`,
      `grant carga to carga_app`,
      `select pg_read_file('postgresql.conf')`,
      `copy (select 1) to program 'true'`,
    ]) {
      await expect(application.query(statement), statement).rejects.toThrow(
        /append-only|permission denied|must be (owner|superuser|able)|[Oo]nly roles with/,
      );
    }
    expect((await superuser.query('select action from carga.audit')).rows).toEqual([{ action: 'b' }]);
  });

  test('it loads tables of anybody, made at any time, with all that belongs to them', async () => {
    const maintain = version >= 17 ? 'refresh materialized view fechado.resumo;' : '';
    await superuser.query(`
      create schema fechado; revoke all on schema fechado from public;
      create type fechado.cor as enum ('azul', 'verde');
      create table fechado.grupos (id int primary key);
      insert into fechado.grupos values (1);
      create table fechado.visto (n serial, id int);
      create table fechado.t (id int primary key, ordem int generated always as identity, serie serial, cor fechado.cor,
        grupo int references fechado.grupos) partition by range (id);
      create table fechado.t1 partition of fechado.t for values from (0) to (1000);
      create materialized view fechado.resumo as select count(*) from fechado.t;
      create function fechado.ve() returns trigger language plpgsql as $$ begin
        insert into fechado.visto (id) values (new.id); return new; end $$;
      create function fechado.fecha() returns trigger language plpgsql as $$ begin ${maintain} return null; end $$;
      create trigger ve before insert or update on fechado.t for each row execute function fechado.ve();
      create trigger fecha after insert on fechado.grupos for each statement execute function fechado.fecha();
      alter table fechado.t enable row level security; alter table fechado.t force row level security;
      alter table fechado.t owner to ${stranger}; alter schema fechado owner to ${stranger}`);
    await harness.register('fechados', 'fechado.t');
    await harness.register('grupos', 'fechado.grupos');
    const load = (figura: string, bytes: string, mode: 'merge' | 'snapshot' = 'merge') =>
      harness.load(figura, { bytes, format: 'ndjson' }, { mode });
    const rows = ['{"id":1,"cor":"azul","grupo":1}', '{"id":2,"cor":"verde","grupo":9}', '{"id":3,"cor":"cinza"}'];
    expect(await load('fechados', rows.join('\n'))).toMatchObject({ rows: { inserted: 1, rejected: 2 } });
    expect(await load('fechados', '{"id":1,"cor":"verde"}')).toMatchObject({ rows: { updated: 1 } });
    expect(await load('grupos', '{"id":1}\n{"id":2}', 'snapshot')).toMatchObject({
      rows: { inserted: 1, unchanged: 1 },
    });
    expect(await load('fechados', '{"id":1,"op":"D"}')).toMatchObject({ rows: { deleted: 1 } });
    expect((await superuser.query('select id from fechado.visto')).rows).toEqual([{ id: 1 }, { id: 1 }]);
  });

  test('a data folder of before is taken over, with the stages its workers left', async () => {
    await superuser.query(`create unlogged table carga_stage.job_${'0'.repeat(32)}_1 (n bigint)`);
    await expect(dropOrphanStages(harness.context().pool)).rejects.toThrow('must be owner');
    await makeApplicationRole(databaseUrl);
    expect(await dropOrphanStages(harness.context().pool)).toBe(1);
  });
});
