import { beforeAll, describe, expect, test } from 'vitest';
import { createLoadHarness, type LoadHarness } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';

const ndjson = (rows: object[]) => ({
  bytes: rows.map((row) => JSON.stringify(row)).join('\n'),
  format: 'ndjson' as const,
});
const none = { read: 0, inserted: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 };

describe.each(postgresVersions)('on PostgreSQL %i', (version) => {
  let harness: LoadHarness;
  const query = async (sql: string) => (await harness.pool.query(sql)).rows;
  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await query('create schema modos');
  });

  describe('append', () => {
    test('inserts into a table whose key the file does not carry', async () => {
      await query(
        'create table modos.eventos (id bigint generated always as identity primary key, nome text not null)',
      );
      await harness.register('eventos', 'modos.eventos');
      const file = ndjson([{ nome: 'a' }, { nome: 'a' }, { nome: null }, { nome: 'b', op: 'D' }]);
      const outcome = await harness.load('eventos', file, { mode: 'append' });
      expect(outcome.rows).toEqual({ ...none, read: 4, inserted: 2, rejected: 2 });
      expect(outcome.stage.map(({ row, faults }) => [row, faults[0]?.code])).toEqual([
        [3, 'not_null'],
        [4, 'unknown_op'],
      ]);
      await harness.load('eventos', ndjson([{ nome: 'a' }]), { mode: 'append' });
      expect(await query('select id::int, nome from modos.eventos order by id')).toEqual([
        { id: 1, nome: 'a' },
        { id: 2, nome: 'a' },
        { id: 3, nome: 'a' },
      ]);
    });

    test('refuses the rows whose key is taken, and takes the others', async () => {
      await query('create table modos.chaves (id int primary key); insert into modos.chaves values (2)');
      await harness.register('chaves', 'modos.chaves');
      const outcome = await harness.load('chaves', ndjson([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 3 }]), {
        mode: 'append',
      });
      expect(outcome.rows).toEqual({ ...none, read: 4, inserted: 2, rejected: 2 });
      expect(outcome.stage.map(({ row, faults }) => [row, faults[0]?.code])).toEqual([
        [2, 'unique_violation'],
        [4, 'unique_violation'],
      ]);
    });
  });

  describe('snapshot', () => {
    const all = Array.from({ length: 100 }, (_, index) => ({ id: index, v: index }));

    test('deletes what the file does not name, never a row that it names badly', async () => {
      await query('create table modos.foto (id int primary key, v int not null)');
      await harness.register('foto', 'modos.foto');
      await harness.load('foto', ndjson(all));
      const file = ndjson([
        ...all.slice(0, 95),
        { id: 95, v: 'não é número' },
        { id: 96, v: null },
        { id: 97, v: -1 },
        { id: 500, v: 1 },
      ]);
      const outcome = await harness.load('foto', file, { mode: 'snapshot' });
      // 98 and 99 are not named; 95 and 96 are, though badly.
      expect(outcome).toMatchObject({ status: 'complete', result: 'partial' });
      expect(outcome.rows).toEqual({
        ...none,
        read: 101,
        inserted: 1,
        updated: 1,
        deleted: 2,
        unchanged: 95,
        rejected: 2,
      });
      expect((await query('select id from modos.foto where id >= 95 order by id')).map(({ id }) => id)).toEqual([
        95, 96, 97, 500,
      ]);
    });

    test('is refused when more of the table would go than the figura allows', async () => {
      await query('create table modos.guarda (id int primary key, v int)');
      await harness.register('guarda', 'modos.guarda');
      await harness.load('guarda', ndjson(all));
      const outcome = await harness.load('guarda', ndjson(all.slice(0, 94)), { mode: 'snapshot' });
      expect(outcome).toMatchObject({ status: 'error', result: 'failed', error: 'delete_guard' });
      expect(outcome.rows).toEqual({ ...none, read: 94, skipped: 94 });
      expect((await query('select count(*)::int as n from modos.guarda'))[0]?.n).toBe(100);
      expect((await harness.load('guarda', ndjson(all.slice(0, 95)), { mode: 'snapshot' })).rows.deleted).toBe(5);
    });
  });

  test('a dry run says what would happen and writes nothing, fires nothing, takes no number', async () => {
    await query(`create table modos.ensaio (id int primary key, nome text, n serial, j json);
                 insert into modos.ensaio (id, nome, j) select i, 'nome ' || i, '{"a": 1}' from generate_series(1, 5) i;
                 create table modos.disparos (what text);
                 create function modos.dispara() returns trigger language plpgsql as
                   $f$ begin insert into modos.disparos values (tg_op); return coalesce(new, old); end $f$;
                 create trigger dispara before insert or update or delete on modos.ensaio
                   for each row execute function modos.dispara()`);
    await harness.register('ensaio', 'modos.ensaio');
    const before = await query('select * from modos.ensaio order by id');
    const file = ndjson([
      { id: 1, nome: 'nome 1', j: { a: 1 } },
      { id: 2, nome: 'mudou', j: { a: 2 } },
      { id: 3, op: 'D' },
      { id: 9, op: 'D' },
      { id: 6, nome: 'novo' },
      { id: 6, nome: 'novo de novo' },
      { id: 'x' },
    ]);
    const rehearsal = await harness.load('ensaio', file, { dryRun: true });
    expect(rehearsal).toMatchObject({ status: 'complete', result: 'partial' });
    expect(rehearsal.rows).toEqual({
      read: 7,
      inserted: 1,
      updated: 2,
      deleted: 1,
      unchanged: 0,
      skipped: 2,
      rejected: 1,
    });
    expect(rehearsal.changes).toEqual([
      { row: 1, key: { id: '1' }, changes: [{ column: 'j', old: '{"a": 1}', new: '{"a":1}' }] },
      {
        row: 2,
        key: { id: '2' },
        changes: [
          { column: 'nome', old: 'nome 2', new: 'mudou' },
          { column: 'j', old: '{"a": 1}', new: '{"a":2}' },
        ],
      },
    ]);
    expect(await query('select * from modos.ensaio order by id')).toEqual(before);
    expect(await query('select * from modos.disparos')).toEqual([]);
    expect(await query(`select last_value::int from modos.ensaio_n_seq`)).toEqual([{ last_value: 5 }]);
    const real = await harness.load('ensaio', file);
    expect(real.rows).toEqual(rehearsal.rows);
  });
});
