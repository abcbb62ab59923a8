import { beforeAll, describe, expect, test } from 'vitest';

import { isUniqueKey, readTable } from '#lib/figura/read-table.ts';
import { createLoadHarness, type LoadHarness } from '../support/load-harness.ts';
import { tableMaker } from '../support/make-table.ts';
import { postgresVersions } from '../support/postgres.ts';

// Tables that few have, and those that only newer servers know.

const none = { read: 0, inserted: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 };

describe.each(postgresVersions)('on PostgreSQL %i', (version) => {
  let harness: LoadHarness;
  let makeTable: ReturnType<typeof tableMaker>;
  const query = async (sql: string) => (await harness.pool.query(sql)).rows;
  const reasonOf = (tableName: string) =>
    readTable(harness.pool, 't', tableName).then(
      () => null,
      (error) => error.details?.reason,
    );

  beforeAll(async () => {
    harness = await createLoadHarness(version);
    makeTable = tableMaker(harness);
    await query('create schema t; create extension btree_gist');
  });

  test('generated columns follow the columns they are made of', async () => {
    const table =
      await makeTable(`create table @ (id int primary key, a int, dobro int generated always as (a * 2) stored,
      check (dobro < 100), unique (dobro))`);
    const { rows, faults } = await table.load([
      { id: 1, a: 1, dobro: 77 },
      { id: 2, a: 50 },
      { id: 3, a: 2 },
    ]);
    expect([rows, faults]).toEqual([{ ...none, read: 3, inserted: 2, rejected: 1 }, ['2 check_violation']]);
    expect(await query(`select * from ${table.name} order by id`)).toEqual([
      { id: 1, a: 1, dobro: 2 },
      { id: 3, a: 2, dobro: 4 },
    ]);
    const again = await table.load([
      { id: 1, a: 1, dobro: 3 },
      { id: 4, a: 2 },
    ]);
    expect([again.rows, again.faults]).toEqual([
      { ...none, read: 2, unchanged: 1, rejected: 1 },
      ['2 unique_violation'],
    ]);
  });

  test.runIf(version >= 18)('virtual generated columns are left to PostgreSQL', async () => {
    const table = await makeTable(
      'create table @ (id int primary key, a int, dobro int generated always as (a * 2), check (dobro < 100))',
    );
    const { rows, faults } = await table.load([
      { id: 1, a: 1, dobro: 5 },
      { id: 2, a: 50 },
    ]);
    expect([rows, faults]).toEqual([{ ...none, read: 2, inserted: 1, rejected: 1 }, ['2 check_violation']]);
    expect(await query(`select * from ${table.name}`)).toEqual([{ id: 1, a: 1, dobro: 2 }]);
  });

  test('a key that is generated is no key of a file', async () => {
    await query(
      `create table t.gerada (a int, id int generated always as (a + 1) stored primary key, v int, unique (a))`,
    );
    const table = await readTable(harness.pool, 't', 'gerada');
    expect(table.primaryKey).toEqual([]);
    expect([isUniqueKey(table, ['id']), isUniqueKey(table, ['a'])]).toEqual([false, true]);
  });

  test.runIf(version >= 18)('a temporal key keeps periods apart', async () => {
    const parent = await makeTable(
      `create table @ (id int, periodo daterange, v text, primary key (id, periodo without overlaps))`,
      ['id', 'periodo'],
    );
    const { rows, faults } = await parent.load([
      { id: 1, periodo: '[2024-01-01,2024-02-01)', v: 'a' },
      { id: 1, periodo: '[2024-02-01,2024-03-01)', v: 'b' },
      { id: 1, periodo: '[2024-01-15,2024-01-20)', v: 'c' },
      { id: 2, periodo: '[2024-01-01,2024-01-31]', v: 'd' },
      { id: 2, periodo: '[2024-01-01,2024-02-01)', v: 'e' },
    ]);
    expect([rows, faults]).toEqual([
      { ...none, read: 5, inserted: 3, skipped: 1, rejected: 1 },
      ['3 exclusion_violation', '4 duplicate_key'],
    ]);
    const changed = await parent.load([
      { id: 1, periodo: '[2024-01-01,2024-02-01)', v: 'z' },
      { id: 1, periodo: '[2024-02-01,2024-03-01)', op: 'D' },
    ]);
    expect(changed.rows).toEqual({ ...none, read: 2, updated: 1, deleted: 1 });

    const child = await makeTable(`create table @ (id int primary key, p int, em daterange,
      foreign key (p, period em) references ${parent.name} (id, period periodo))`);
    const loaded = await child.load([
      { id: 1, p: 1, em: '[2024-01-10,2024-01-12)' },
      { id: 2, p: 1, em: '[2024-01-10,2024-02-12)' },
      { id: 3, p: null, em: '[2024-01-10,2024-02-12)' },
    ]);
    expect([loaded.rows, loaded.faults]).toEqual([
      { ...none, read: 3, inserted: 2, rejected: 1 },
      ['2 foreign_key_violation'],
    ]);
  });

  test('a table of as many columns as a merge can take, and one more', async () => {
    const width = version >= 17 ? 1598 : 832;
    const names = Array.from({ length: width - 1 }, (_, index) => `c${index}`);
    const table = await makeTable(
      `create table @ (id int primary key, ${names.map((name) => `${name} int`).join(', ')})`,
    );
    const row = (id: number, value: number) => ({ id, ...Object.fromEntries(names.map((name) => [name, value])) });
    expect((await table.load([row(1, 1), row(2, 2)])).rows).toEqual({ ...none, read: 2, inserted: 2 });
    const { rows, faults } = await table.load([row(1, 1), row(2, 3), { id: 3, op: 'D' }, { id: 4, c7: 'x' }]);
    expect([rows, faults]).toEqual([
      { ...none, read: 4, updated: 1, unchanged: 1, skipped: 1, rejected: 1 },
      ['3 nothing_to_delete', '4 invalid_value'],
    ]);
    await query(`alter table ${table.name} add column mais int`);
    expect(await reasonOf(table.name.slice(2))).toBe('too_many_columns');
  });

  test('a child of an inherited table is a table like any other', async () => {
    await query('create table t.mae (id int, v text)');
    const table = await makeTable('create table @ (extra int, primary key (id)) inherits (t.mae)');
    expect((await table.load([{ id: 1, v: 'a', extra: 2 }])).rows).toEqual({ ...none, read: 1, inserted: 1 });
    expect(await query('select * from t.mae')).toEqual([{ id: 1, v: 'a' }]);
  });

  test('MATCH FULL, constraints not validated, and triggers of a statement', async () => {
    const parent = await makeTable('create table @ (a int, b int, primary key (a, b)); insert into @ values (1, 1)', [
      'a',
      'b',
    ]);
    const table = await makeTable(`create table @ (id int primary key, a int, b int, n int);
      alter table @ add foreign key (a, b) references ${parent.name} match full;
      insert into @ values (9, null, null, -5);
      alter table @ add constraint positivo check (n > 0) not valid;
      create table t.contagem (evento text, linhas bigint);
      create function t.conta() returns trigger language plpgsql as
        $f$ begin insert into t.contagem select tg_op, count(*) from novas; return null; end $f$;
      create trigger conta after insert on @ referencing new table as novas for each statement execute function t.conta()`);
    const { rows, faults } = await table.load([
      { id: 1, a: 1, b: 1, n: 1 },
      { id: 2, a: 1, b: null, n: 1 },
      { id: 3, a: null, b: null, n: 1 },
      { id: 4, a: null, b: null, n: -1 },
      { id: 9, a: null, b: null, n: -5 },
    ]);
    expect([rows, faults.sort()]).toEqual([
      { ...none, read: 5, inserted: 2, unchanged: 1, rejected: 2 },
      ['2 foreign_key_violation', '4 check_violation'],
    ]);
    const counted = await query('select evento, sum(linhas)::int as linhas from t.contagem group by evento');
    expect(counted).toEqual([{ evento: 'INSERT', linhas: 2 }]);
  });

  test('row-level security that hides nothing from us changes nothing', async () => {
    const table = await makeTable(
      'create table @ (id int primary key, v text); alter table @ enable row level security',
    );
    expect((await table.load([{ id: 1, v: 'a' }])).rows.inserted).toBe(1);
  });

  test('what a published table lacks is said, and not tried again', async () => {
    const table = await makeTable(`create table @ (id int not null unique, v text); insert into @ values (1, 'a');
      create publication p_${version} for table @`);
    const { status, error, rows } = await table.load([{ id: 1, v: 'b' }]);
    expect([status, error, rows.updated]).toEqual(['error', 'target_refused', 0]);
  });

  test.each([
    [
      'a partition that is a foreign table',
      `create foreign data wrapper w2; create server s2 foreign data wrapper w2;
       create table t.partida (id int) partition by range (id);
       create foreign table t.partida_longe partition of t.partida for values from (0) to (9) server s2`,
      'partida',
      'foreign_partition',
    ],
    [
      'a table in a schema we may not enter',
      `create schema fechado; create table fechado.x (id int primary key); create role sem_chave;
       grant all on fechado.x to sem_chave; create view t.nada as select 1`,
      null,
      'no_privilege',
    ],
  ])('%s is refused with its reason', async (_what, sql, tableName, reason) => {
    await query(sql);
    if (tableName !== null) {
      expect(await reasonOf(tableName)).toBe(reason);
      return;
    }
    const client = await harness.pool.connect();
    try {
      await client.query('set role sem_chave');
      await expect(readTable(client, 'fechado', 'x')).rejects.toMatchObject({ details: { reason } });
    } finally {
      await client.query('reset role');
      client.release();
    }
  });
});
