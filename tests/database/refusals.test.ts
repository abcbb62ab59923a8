import { beforeAll, describe, expect, test } from 'vitest';
import { createLoadHarness, type LoadHarness, type LoadOutcome } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';
import { Random } from '../support/random.ts';

const ndjson = (rows: object[]) => ({
  bytes: rows.map((row) => JSON.stringify(row)).join('\n'),
  format: 'ndjson' as const,
});
const none = { read: 0, inserted: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 };

describe.each(postgresVersions)('what only the table itself refuses, on PostgreSQL %i', (version) => {
  let harness: LoadHarness;
  const query = async (sql: string) => (await harness.pool.query(sql)).rows;
  const codes = (stage: { row: number; faults: { code: string }[] }[]) =>
    stage.map(({ row, faults }) => [row, faults[0]?.code]);
  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await query('create schema recusas');
  });

  test('rows that refer to each other go in although another row is refused', async () => {
    await query(`create table recusas.arvore (id int primary key, pai int references recusas.arvore, u int unique);
                 insert into recusas.arvore values (100, null, 7)`);
    await harness.register('arvore', 'recusas.arvore');
    const rows = [{ id: 1, pai: 4 }, { id: 2, u: 7 }, { id: 3, pai: 1 }, { id: 4 }, { id: 5, pai: 99 }];
    const outcome = await harness.load('arvore', ndjson(rows));
    expect(outcome.rows).toEqual({ ...none, read: 5, inserted: 3, rejected: 2 });
    expect(codes(outcome.stage)).toEqual([
      [2, 'unique_violation'],
      [5, 'foreign_key_violation'],
    ]);
  });

  test('a row whose parent another load brings meanwhile is judged after that load', async () => {
    await query('create table recusas.galhos (id int primary key, pai int references recusas.galhos)');
    await harness.register('galhos', 'recusas.galhos');
    const waiting = () =>
      query(`select 1 from pg_locks where locktype = 'advisory' and not granted
                and database = (select oid from pg_database where datname = current_database())`);
    let child: Promise<LoadOutcome> | undefined;
    const atStep = async (step: string) => {
      if (step !== 'before_commit') return;
      child = harness.load('galhos', ndjson([{ id: 2, pai: 1 }]));
      await expect.poll(waiting).toHaveLength(1);
    };
    await harness.load('galhos', ndjson([{ id: 1 }]), {}, { atStep });
    expect((await child)?.rows).toEqual({ ...none, read: 1, inserted: 1 });
  });

  test("a trigger's own code and a limit of an index are faults of their row", async () => {
    await query(`create table recusas.proprio (id int primary key, t text);
                 create index on recusas.proprio (t);
                 create function recusas.recusa() returns trigger language plpgsql as $f$
                   begin if new.id = 2 then raise exception 'nosso código' using errcode = '45000'; end if; return new; end $f$;
                 create trigger recusa before insert on recusas.proprio for each row execute function recusas.recusa()`);
    await harness.register('proprio', 'recusas.proprio');
    // Random letters: a text that repeats is compressed to almost nothing.
    const random = new Random(1);
    const long = random.hex(100_000);
    const outcome = await harness.load(
      'proprio',
      ndjson([
        { id: 1, t: 'bom' },
        { id: 2, t: 'x' },
        { id: 3, t: long },
      ]),
    );
    expect(outcome.rows).toEqual({ ...none, read: 3, inserted: 1, rejected: 2 });
    expect(outcome.stage[0]?.faults[0]?.message).toContain('nosso código');
    expect(outcome.stage.map(({ row }) => row)).toEqual([2, 3]);
  });

  test('a type that refuses outright costs its row, not the file', async () => {
    await query(`create domain recusas.divisor as int check (10 / value > 0);
                 create table recusas.duro (id int primary key, v recusas.divisor)`);
    await harness.register('duro', 'recusas.duro');
    const outcome = await harness.load(
      'duro',
      ndjson([
        { id: 1, v: 5 },
        { id: 2, v: 0 },
        { id: 3, v: 10 },
      ]),
    );
    expect(outcome.rows).toEqual({ ...none, read: 3, inserted: 2, rejected: 1 });
    expect(outcome.stage[0]?.row).toBe(2);
  });

  test('a type of the server that cannot be asked without failing is asked another way, all faults of a row at once', async () => {
    await query('create table recusas.tipos (id int primary key, tipo regtype, dia date not null, op_lida text)');
    await harness.register('tipos', 'recusas.tipos');
    const rows = [
      { id: 1, tipo: 'integer', dia: '2024-01-31' },
      { id: 2, tipo: '<a', dia: '2024-02-31' },
      { id: 3, tipo: 'date', dia: '2024-02-30', op: 'X' },
      { id: 'x', tipo: 'text' },
      { tipo: 'text', dia: 'ontem' },
    ];
    const outcome = await harness.load('tipos', ndjson(rows));
    expect(outcome.rows).toEqual({ ...none, read: 5, inserted: 1, rejected: 4 });
    expect(
      outcome.stage.map(({ row, faults }) => [row, ...faults.map(({ column, code }) => `${column} ${code}`).sort()]),
    ).toEqual([
      [2, 'dia value_out_of_range', 'tipo invalid_value'],
      [3, 'dia value_out_of_range', 'op unknown_op'],
      [4, 'dia not_null', 'id invalid_value'],
      [5, 'dia invalid_value', 'id null_key'],
    ]);
  });

  test('abort and maxErrors stop the search for more as soon as the job has failed', async () => {
    await query(`create table recusas.todas (id int primary key);
                 create function recusas.todas_nao() returns trigger language plpgsql as $f$
                   begin raise exception 'não'; end $f$;
                 create trigger nao before insert on recusas.todas for each row execute function recusas.todas_nao()`);
    await harness.register('todas', 'recusas.todas');
    const file = ndjson(Array.from({ length: 2000 }, (_row, id) => ({ id })));
    const aborted = await harness.load('todas', file, { onError: 'abort' });
    // One row is named although all would be refused: the search has stopped there, however slow the machine is.
    expect(aborted).toMatchObject({
      status: 'error',
      error: 'rejected_rows',
      rows: { ...none, read: 2000, rejected: 1, skipped: 1999 },
    });
    const limited = await harness.load('todas', file, { maxErrors: 5 });
    expect(limited).toMatchObject({
      status: 'error',
      error: 'too_many_errors',
      rows: { ...none, read: 2000, rejected: 6, skipped: 1994 },
    });
    expect(limited.stage).toHaveLength(6);
  });

  test('what a reference deletes along is not counted: the file did not name it', async () => {
    await query(`create table recusas.ramo (id int primary key, pai int references recusas.ramo on delete cascade, v int);
                 insert into recusas.ramo values (1, null, 1), (2, 1, 1), (3, 2, 1), (4, null, 1)`);
    await harness.register('ramo', 'recusas.ramo');
    const outcome = await harness.load(
      'ramo',
      ndjson([
        { id: 1, op: 'D' },
        { id: 4, v: 2 },
        { id: 5, v: 5 },
      ]),
    );
    expect(outcome.rows).toEqual({ ...none, read: 3, inserted: 1, updated: 1, deleted: 1 });
    expect(await query('select id from recusas.ramo order by id')).toEqual([{ id: 4 }, { id: 5 }]);
  });

  test('a column name that PostgreSQL cannot store ends the job with that reason', async () => {
    await query('create table recusas.nomes (id int primary key)');
    await harness.register('nomes', 'recusas.nomes');
    for (const name of ['a\u0000b', '\ud800']) {
      const outcome = await harness.load('nomes', ndjson([{ id: 1, [name]: 1 }]));
      expect(outcome).toMatchObject({ status: 'error', error: 'invalid_column_name' });
    }
  });

  test('a key that is unique no more is refused before anything is written', async () => {
    await query('create table recusas.chave (id int primary key, v int)');
    await harness.register('chave', 'recusas.chave');
    await query(
      'alter table recusas.chave drop constraint chave_pkey; insert into recusas.chave values (1, 1), (1, 2)',
    );
    expect(await harness.load('chave', ndjson([{ id: 1, v: 3 }]))).toMatchObject({
      status: 'error',
      error: 'key_not_unique',
      rows: none,
    });
  });
});
