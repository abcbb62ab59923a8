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
  const codes = (stage: { row: number; faults: { code: string; column: string | null }[] }[]) =>
    stage.map(({ row, faults }) => [row, ...faults.map(({ column, code }) => `${column} ${code}`)]);
  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await query('create schema d');
  });

  test('keys that a collation calls the same are one key', async () => {
    await query(`create collation d.sem_caixa (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table d.nomes (nome text collate d.sem_caixa primary key, v int); insert into d.nomes values ('ANA', 1), ('Rui', 1)`);
    await harness.register('nomes', 'd.nomes', { key: ['nome'] });
    const { rows, stage } = await harness.load(
      'nomes',
      ndjson([
        { nome: 'ana', v: 2 },
        { nome: 'Eva', v: 3 },
        { nome: 'EVA', v: 4 },
        { nome: 'RUI', op: 'D' },
        { nome: 'rUI', op: 'D' },
        { nome: 'IVO', op: 'D' },
      ]),
    );
    expect(codes(stage)).toEqual([
      [2, 'nome duplicate_key'],
      [4, 'nome duplicate_key'],
      [6, 'nome nothing_to_delete'],
    ]);
    expect(rows).toEqual({ ...none, read: 6, inserted: 1, updated: 1, deleted: 1, skipped: 3 });
    expect(await query('select nome, v from d.nomes order by v')).toEqual([
      { nome: 'ANA', v: 2 },
      { nome: 'EVA', v: 4 },
    ]);
  });

  test('a deletion needs no value of a domain that refuses NULL; every other row does', async () => {
    await query(`create domain d.obrigatorio as varchar(6) not null check (value <> 'x');
      create domain d.estrito as d.obrigatorio check (value <> 'y');
      create table d.contas (id int primary key, o d.obrigatorio, e d.estrito, n int check (n > 0));
      insert into d.contas values (1, 'a', 'a', 1), (2, 'b', 'b', 1), (3, 'c', 'c', 1)`);
    await harness.register('contas', 'd.contas');
    const { rows, stage } = await harness.load(
      'contas',
      ndjson([
        { id: 1, op: 'D' },
        { id: 2, op: 'D', o: 'x', e: null },
        { id: 3, o: 'novo', e: 'novo' },
        { id: 4, o: null, e: 'e' },
        { id: 5, o: 'x', e: 'y', n: 0 },
        { id: 6, o: 'comprido', e: 'e' },
        { id: 7, o: 'certo', e: 'certo', n: 1 },
      ]),
    );
    expect(codes(stage)).toEqual([
      [4, 'o not_null'],
      [5, 'e check_violation', 'n check_violation', 'o check_violation'],
      [6, 'o value_too_long'],
    ]);
    expect(rows).toEqual({ ...none, read: 7, inserted: 1, updated: 1, deleted: 2, rejected: 3 });
    const unchanged = await harness.load('contas', ndjson([{ id: 7, o: 'certo', e: 'certo', n: 1, op: 'U' }]));
    expect(unchanged.rows).toEqual({ ...none, read: 1, unchanged: 1 });
    // Without an op column no row is a deletion, and the domain itself judges.
    const plain = await harness.load('contas', ndjson([{ id: 8, o: null, e: 'x', n: 1 }]));
    expect(codes(plain.stage)).toEqual([[1, 'e check_violation', 'o not_null']]);
  });

  test('a CHECK over columns called as ours are is asked of the table’s', async () => {
    await query('create table d.iguais (id int primary key, n int, op2 int, s int, check (n < s and s < 10))');
    await harness.register('iguais', 'd.iguais');
    const { stage } = await harness.load(
      'iguais',
      ndjson([
        { id: 1, n: 1, s: 2 },
        { id: 2, n: 5, s: 2 },
        { id: 3, n: 1, s: 50 },
      ]),
      {
        dryRun: true,
      },
    );
    expect(stage.map(({ row }) => row)).toEqual([2, 3]);
  });
});
