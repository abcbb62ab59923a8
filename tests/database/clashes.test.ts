import { beforeAll, describe, expect, test } from 'vitest';
import { createLoadHarness, type LoadHarness } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';

// What no two rows may share, beside the key: found set by set before the merge, and foreseen by a dry run.

const none = { read: 0, inserted: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 };

describe.each(postgresVersions)('on PostgreSQL %i', (version) => {
  let harness: LoadHarness;
  let count = 0;
  const query = async (sql: string) => (await harness.pool.query(sql)).rows;
  /** Makes `c.<name>` by the definition, `@` stands for it. */
  const makeTable = async (definition: string, key: string[] = ['id']) => {
    const name = `c${++count}`;
    await query(definition.replaceAll('@', `c.${name}`));
    await harness.register(name, `c.${name}`, { key });
    const load = async (rows: object[], options = {}) => {
      const bytes = rows.map((row) => JSON.stringify(row)).join('\n');
      const outcome = await harness.load(name, { bytes, format: 'ndjson' }, options);
      const faults = outcome.stage.map(({ row, faults: [fault] }) => `${row} ${fault?.code}`);
      return { ...outcome, faults };
    };
    return {
      name: `c.${name}`,
      load,
      /** A dry run, then the same in earnest: both have to say the same of every row, and only the second may write. */
      rehearse: async (rows: object[], options = {}) => {
        const before = await query(`select t::text, xmin from c.${name} t order by 1`);
        const dry = await load(rows, { ...options, dryRun: true });
        expect(await query(`select t::text, xmin from c.${name} t order by 1`)).toEqual(before);
        const real = await load(rows, options);
        expect([dry.status, dry.error, dry.rows, dry.stage.map(({ row, faults }) => [row, faults])]).toEqual([
          real.status,
          real.error,
          real.rows,
          real.stage.map(({ row, faults }) => [row, faults]),
        ]);
        return real;
      },
    };
  };

  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await query('create schema c; create extension if not exists btree_gist');
  });

  test('a value the table has, one the file has twice, one that a row keeps', async () => {
    const table = await makeTable(
      `create table @ (id int primary key, email text unique, v int); insert into @ values (100, 'dono', 0), (101, 'fica', 0), (102, 'sai', 0)`,
    );
    const { rows, faults, stage } = await table.rehearse([
      { id: 1, email: 'dono' },
      { id: 2, email: 'duas vezes' },
      { id: 3, email: 'duas vezes' },
      { id: 4, email: 'fica' },
      { id: 101, email: 'fica', v: 1 },
      { id: 5, email: 'sai' },
      { id: 102, op: 'D' },
      { id: 6, email: null },
      { id: 7, email: null },
    ]);
    expect(faults).toEqual(['1 unique_violation', '3 unique_violation', '4 unique_violation']);
    expect(rows).toEqual({ ...none, read: 9, inserted: 4, updated: 1, deleted: 1, rejected: 3 });
    expect(stage[1]?.faults).toMatchObject([{ column: 'email', value: 'duas vezes' }]);
    expect(stage[1]?.faults[0]?.message).toMatch(/_email_key" — row 2 of the file has it$/);
  });

  test('values move on along a chain, however the rows are ordered; those that change places are refused', async () => {
    const table = await makeTable(
      `create table @ (id int primary key, ordem int not null unique); insert into @ select i, i from generate_series(1, 300) i`,
    );
    const moved = Array.from({ length: 300 }, (_row, index) => ({ id: index + 1, ordem: index + 2 }));
    expect((await table.rehearse(moved)).rows).toEqual({ ...none, read: 300, updated: 300 });
    const back = moved.map(({ id }) => ({ id, ordem: id })).reverse();
    expect((await table.rehearse(back)).rows).toEqual({ ...none, read: 300, updated: 300 });
    const { rows, faults, stage } = await table.rehearse([
      { id: 1, ordem: 2 },
      { id: 2, ordem: 1 },
      { id: 3, ordem: 500 },
      { id: 4, ordem: 3 },
      // Waits for one that is refused.
      { id: 301, ordem: 1 },
    ]);
    expect([rows, faults]).toEqual([
      { ...none, read: 5, updated: 2, rejected: 3 },
      ['1 unique_violation', '2 unique_violation', '5 unique_violation'],
    ]);
    expect(stage[0]?.faults[0]?.message).toContain('changes places with row 2');
  });

  test('under a DEFERRABLE constraint values change places', async () => {
    const table = await makeTable(
      `create table @ (id int primary key, v text unique deferrable); insert into @ values (1, 'a'), (2, 'b'), (3, 'c')`,
    );
    const { rows, faults } = await table.rehearse([
      { id: 1, v: 'b' },
      { id: 2, v: 'a' },
      { id: 4, v: 'c' },
    ]);
    expect([rows, faults]).toEqual([{ ...none, read: 3, updated: 2, rejected: 1 }, ['3 unique_violation']]);
  });

  test('partial indexes, expressions, NULLS NOT DISTINCT, composite, and columns the file does not bring', async () => {
    const table =
      await makeTable(`create table @ (id int primary key, empresa int, codigo text, email text, ativo boolean, n int);
      create unique index on @ (lower(email)) where ativo;
      create unique index on @ (empresa, codigo);
      create unique index on @ (n) nulls not distinct;
      insert into @ values (1, 1, 'a', 'X#y', true, 1), (2, 2, 'a', 'z', false, 2), (3, 1, 'b', null, true, 3)`);
    const whole = await table.rehearse([
      { id: 10, empresa: 2, codigo: 'b', email: 'x#Y', ativo: true, n: 10 },
      { id: 11, empresa: 2, codigo: 'c', email: 'x#Y', ativo: false, n: 11 },
      { id: 12, empresa: 1, codigo: 'b', email: 'q', ativo: true, n: 12 },
      { id: 13, empresa: null, codigo: 'b', email: 'r', ativo: true, n: null },
      { id: 14, empresa: null, codigo: 'b', email: 's', ativo: true, n: null },
      { id: 15, empresa: 1, codigo: 'b', email: 'X#Y', ativo: true, n: 3 },
    ]);
    expect(whole.faults).toEqual(['1', '3', '5', '6'].map((row) => `${row} unique_violation`));
    expect(whole.stage[3]?.faults).toHaveLength(3);
    // `empresa` stays what it is: rows 1 and 3 of the table have the same.
    const part = await table.rehearse([
      { id: 1, codigo: 'b' },
      { id: 2, codigo: 'b' },
    ]);
    expect([part.rows, part.faults]).toEqual([{ ...none, read: 2, updated: 1, rejected: 1 }, ['1 unique_violation']]);
  });

  test('exclusion constraints: against the table, within the file, and what a row gives up', async () => {
    const table = await makeTable(`create table @ (id int primary key, sala text, periodo int4range,
        exclude using gist (sala with =, periodo with &&) where (sala <> 'livre'));
      insert into @ values (1, 'a', '[1,5)'), (2, 'a', '[5,9)')`);
    const { rows, faults } = await table.rehearse([
      { id: 3, sala: 'a', periodo: '[4,6)' },
      { id: 4, sala: 'b', periodo: '[4,6)' },
      { id: 5, sala: 'b', periodo: '[5,8)' },
      { id: 6, sala: 'b', periodo: '[7,9)' },
      { id: 7, sala: 'livre', periodo: '[1,9)' },
      { id: 8, sala: 'livre', periodo: '[1,9)' },
      { id: 9, sala: 'a', periodo: '[1,2)' },
      { id: 1, sala: 'a', periodo: '[2,5)' },
    ]);
    expect(faults).toEqual(['1 exclusion_violation', '3 exclusion_violation']);
    expect(rows).toEqual({ ...none, read: 8, inserted: 5, updated: 1, rejected: 2 });
  });

  test('a dry run foresees UNIQUE, CHECK, FOREIGN KEY and exclusion, fires no trigger and moves no sequence', async () => {
    await query(`create table c.pais (sigla text primary key); insert into c.pais values ('BR');
      create table c.avisos (what text);
      create function c.avisa() returns trigger language plpgsql as
        $f$ begin insert into c.avisos values (tg_op); return coalesce(new, old); end $f$`);
    const table = await makeTable(`create table @ (id int primary key, email text unique, pais text references c.pais,
        pai int references @, peso int check (peso > 0), vaga int4range, n serial, exclude using gist (vaga with &&));
      insert into @ (id, email, vaga) values (1, 'um', '[1,3)'), (2, 'dois', '[3,5)')`);
    await query(
      `create trigger avisa before insert or update or delete on ${table.name} for each row execute function c.avisa()`,
    );
    const file = [
      { id: 3, email: 'um' },
      { id: 4, email: 'quatro', pais: 'XX' },
      { id: 5, email: 'cinco', peso: 0 },
      { id: 6, email: 'seis', vaga: '[2,4)' },
      // Its parent is refused for its e-mail, and so is the one whose parent it is.
      { id: 7, email: 'sete', pai: 3 },
      { id: 8, email: 'oito', pai: 7 },
      // Waits for a value that its holder does not give up, being refused.
      { id: 9, email: 'dois' },
      { id: 2, email: 'dois mudou', pais: 'ZZ' },
      { id: 10, email: 'dez', pais: 'BR', pai: 1, peso: 1, vaga: '[7,8)' },
      { id: 1, op: 'U', email: 'um' },
      { id: 99, op: 'D' },
    ];
    const dry = await table.load(file, { dryRun: true });
    expect(await query('select * from c.avisos')).toEqual([]);
    expect((await query(`select last_value::int as n from ${table.name}_n_seq`))[0]).toEqual({ n: 2 });
    const real = await table.load(file);
    const said = ({ rows, stage }: typeof dry) => [rows, stage.map(({ row, status, faults }) => [row, status, faults])];
    expect(said(dry)).toEqual(said(real));
    expect(real.faults).toEqual([
      '1 unique_violation',
      '2 foreign_key_violation',
      '3 check_violation',
      '4 exclusion_violation',
      '5 foreign_key_violation',
      '6 foreign_key_violation',
      '7 unique_violation',
      '8 foreign_key_violation',
      '11 nothing_to_delete',
    ]);
  });

  test('append: a key that is taken, and one the file brings twice', async () => {
    const table = await makeTable('create table @ (id int primary key, v text unique); insert into @ values (2, null)');
    const { faults } = await table.rehearse([{ id: 1, v: 'a' }, { id: 2 }, { id: 3, v: 'a' }, { id: 3, v: 'b' }], {
      mode: 'append',
    });
    // Which of two rows with one key stays is told before it is known that the first has another fault.
    expect(faults).toEqual(['2', '3', '4'].map((row) => `${row} unique_violation`));
  });

  test('a file of thousands of clashes is told in seconds, and the rest goes in', async () => {
    const table = await makeTable(
      `create table @ (id int primary key, email text unique); insert into @ select -i, 'e' || i from generate_series(1, 5000) i`,
    );
    const file = Array.from({ length: 20_000 }, (_row, id) => ({ id, email: `e${id % 15_000}` }));
    const { rows } = await table.load(file);
    expect(rows).toEqual({ ...none, read: 20_000, inserted: 10_000, rejected: 10_000 });
  });
});
