// The application's role, where it is not the owner of the tables: what it may do, and what it may not.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyMigrations, prepareDatabase } from '#lib/db/migrate.ts';
import { createTestDatabase, postgresVersions } from '../support/postgres.ts';

describe.each(postgresVersions)('on PostgreSQL %i', async (version) => {
  const database = await createTestDatabase({ version, empty: true });
  const name = new URL(database.url).pathname.slice(1);
  const as = (role: string) => {
    const url = new URL(database.url);
    url.username = role;
    url.password = 'x';
    return url.href;
  };
  const [owner, app, heir] = [`${name}_owner`, `${name}_app`, `${name}_heir`];
  let admin: pg.Client;
  let client: pg.Client;

  beforeAll(async () => {
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`create role ${owner} login password 'x'; create role ${app} login password 'x';
      create role ${heir} login password 'x' in role ${owner}; alter database ${name} owner to ${owner}`);
    await prepareDatabase(as(app), as(owner));
    client = new pg.Client({ connectionString: as(app) });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await admin?.query(`alter database ${name} owner to current_user`);
    for (const role of [app, heir, owner])
      await admin?.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    await admin?.end();
  });

  test('the application adds to the audit and reads it', async () => {
    await client.query(
      `insert into carga.audit (actor_kind, actor_name, action, target) values ('system', 'carga', 'x', 'y')`,
    );
    expect((await client.query('select action from carga.audit')).rows).toEqual([{ action: 'x' }]);
  });

  test.each([
    [`update carga.audit set action = 'z'`, /permission denied/],
    ['delete from carga.audit', /permission denied/],
    ['truncate carga.audit', /permission denied/],
    ['alter table carga.audit disable trigger all', /must be owner/],
    ['drop trigger audit_append_only on carga.audit', /must be owner/],
    ['drop table carga.audit', /must be owner/],
    [
      'create or replace function carga.audit_refuse_change() returns trigger language sql as $$$$',
      /must be owner|permission denied/,
    ],
    ['set session_replication_role = replica', /permission denied/],
  ])('%s is refused to the application', async (statement, refusal) => {
    await expect(client.query(statement)).rejects.toThrow(refusal);
  });

  test('nor does the owner change it without first taking the trigger away', async () => {
    const session = new pg.Client({ connectionString: as(owner) });
    await session.connect();
    for (const statement of [
      `update carga.audit set action = 'z'`,
      'delete from carga.audit',
      'truncate carga.audit',
    ]) {
      await expect(session.query(statement)).rejects.toThrow('append-only');
    }
    await session.end();
  });

  test('rights are given again without harm; a role that is the owner by another name is refused', async () => {
    expect(await prepareDatabase(as(app), as(owner))).toBe(as(app));
    expect(await applyMigrations(as(owner), undefined, { applicationUrl: as(owner) })).toEqual([]);
    await expect(prepareDatabase(as(heir), as(owner))).rejects.toThrow(
      `The role ${heir} of DATABASE_URL has the owner's rights`,
    );
    await expect(prepareDatabase(as('ninguem'), as(owner))).rejects.toThrow('The database has no role ninguem');
  });
});
