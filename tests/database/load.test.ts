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
  const query = async (sql: string, values: unknown[] = []) => (await harness.pool.query(sql, values)).rows;
  /** Counts every write of the table per key: what an upsert would hide. */
  const watchWrites = (table: string) =>
    query(`create table if not exists ${table}_writes (id text, action text);
           create or replace function ${table}_watch() returns trigger language plpgsql as $f$
             begin insert into ${table}_writes values (coalesce(new.id, old.id)::text, tg_op); return null; end $f$;
           create trigger watch after insert or update or delete on ${table} for each row execute function ${table}_watch()`);

  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await query('create schema cadastro_teste');
  });

  test('inserts, updates, deletes and leaves equal rows alone, each written once', async () => {
    await query(
      `create table cadastro_teste.pessoas (id int primary key, nome text not null, limite numeric(15,2), dados jsonb)`,
    );
    await watchWrites('cadastro_teste.pessoas');
    await harness.register('pessoas', 'cadastro_teste.pessoas');
    const first = await harness.load(
      'pessoas',
      ndjson([
        { id: 1, nome: 'João', limite: 10.5, dados: { a: [1, 2] } },
        { id: 2, nome: "Olho-d'Água", limite: null, dados: [] },
        { id: 3, nome: 'São Tomé', limite: 0 },
      ]),
    );
    expect(first).toMatchObject({
      status: 'complete',
      result: 'success',
      rows: { ...none, read: 3, inserted: 3 },
      stage: [],
    });
    const second = await harness.load(
      'pessoas',
      ndjson([
        { id: 1, nome: 'João', limite: '10.50', dados: { a: [1, 2] }, op: 'U' },
        { id: 2, nome: 'Olho', limite: 1, dados: [], op: null },
        { id: 3, op: 'D' },
        { id: 4, nome: 'Novo', op: 'I' },
        { id: 9, nome: 'x', op: 'D' },
      ]),
    );
    expect(second.rows).toEqual({
      read: 5,
      inserted: 1,
      updated: 1,
      deleted: 1,
      unchanged: 1,
      skipped: 1,
      rejected: 0,
    });
    expect(second.stage).toMatchObject([
      { row: 5, status: 'SK', faults: [{ column: 'id', code: 'nothing_to_delete', value: '9' }] },
    ]);
    expect(await query('select * from cadastro_teste.pessoas order by id')).toEqual([
      { id: 1, nome: 'João', limite: '10.50', dados: { a: [1, 2] } },
      { id: 2, nome: 'Olho', limite: '1.00', dados: [] },
      { id: 4, nome: 'Novo', limite: null, dados: null },
    ]);
    expect(
      await query('select id, count(*)::int as writes from cadastro_teste.pessoas_writes group by id order by id'),
    ).toEqual([
      { id: '1', writes: 1 },
      { id: '2', writes: 2 },
      { id: '3', writes: 2 },
      { id: '4', writes: 1 },
    ]);
  });

  test('reports every fault of every row at once, and the rest goes in', async () => {
    await query(`create domain cadastro_teste.uf as text check (value ~ '^[A-Z]{2}$');
                 create table cadastro_teste.faltas (id uuid primary key, nome varchar(5) not null, idade smallint check (idade >= 0),
                   limite numeric(5,2), nascimento date, ativo boolean, dados jsonb, uf cadastro_teste.uf)`);
    await harness.register('faltas', 'cadastro_teste.faltas');
    const uuid = (n: number) => `00000000-0000-0000-0000-00000000000${n}`;
    const { rows, stage, result } = await harness.load(
      'faltas',
      ndjson([
        {
          id: uuid(1),
          nome: 'bom',
          idade: 30,
          limite: 1.25,
          nascimento: '2000-02-29',
          ativo: true,
          dados: {},
          uf: 'SP',
        },
        {
          id: 'não',
          nome: 'comprido',
          idade: 70000,
          limite: 12345.678,
          nascimento: '2026-02-30',
          ativo: 'talvez',
          uf: 'sp',
        },
        { id: uuid(3), nome: null, idade: -1 },
        { id: null, nome: 'x' },
        { id: uuid(5), nome: 'x', op: 'X' },
        { id: uuid(6), nome: 'a\u0000b' },
        { id: uuid(7), nome: 'bom2', idade: 1.5 },
        { id: uuid(8), nome: 'bom3' },
      ]),
    );
    expect(result).toBe('partial');
    expect(rows).toEqual({ ...none, read: 8, inserted: 2, rejected: 6 });
    const codes = stage.map(({ row, faults }) => [row, faults.map(({ column, code }) => `${column} ${code}`).sort()]);
    expect(codes).toEqual([
      [
        2,
        [
          'ativo invalid_value',
          'id invalid_value',
          'idade value_out_of_range',
          'limite value_out_of_range',
          'nascimento value_out_of_range',
          'nome value_too_long',
          'uf check_violation',
        ],
      ],
      [3, ['idade check_violation', 'nome not_null']],
      [4, ['id null_key']],
      [5, ['op unknown_op']],
      [6, ['nome nul_character']],
      [7, ['idade invalid_value']],
    ]);
    expect(stage[0]?.faults.find(({ column }) => column === 'limite')).toMatchObject({
      value: '12345.678',
      message: 'numeric field overflow',
    });
    expect(stage[0]?.data).toMatchObject({ nome: 'comprido', idade: 70000 });
  });

  test('of rows with one key the last wins and the earlier names it', async () => {
    await query('create table cadastro_teste.repetidos (a text, b uuid, v int, primary key (a, b))');
    await harness.register('repetidos', 'cadastro_teste.repetidos', { key: ['a', 'b'] });
    const lower = 'aaaaaaaa-0000-0000-0000-000000000001';
    const { rows, stage } = await harness.load(
      'repetidos',
      ndjson([
        { a: 'x', b: lower, v: 1 },
        { a: 'y', b: lower, v: 2 },
        { a: 'x', b: lower.toUpperCase(), v: 3 },
        { a: 'x', b: lower, v: 4 },
      ]),
    );
    expect(rows).toEqual({ ...none, read: 4, inserted: 2, skipped: 2 });
    expect(stage.map(({ row, faults }) => [row, faults[0]?.code, faults[0]?.message])).toEqual([
      [1, 'duplicate_key', '4'],
      [3, 'duplicate_key', '4'],
    ]);
    expect(await query('select a, v from cadastro_teste.repetidos order by a')).toEqual([
      { a: 'x', v: 4 },
      { a: 'y', v: 2 },
    ]);
  });

  test('of many rows, some of each kind of fault: every one is named and all others go in', async () => {
    await query('create table cadastro_teste.muitos (id bigint primary key, nome text not null, idade smallint)');
    await harness.register('muitos', 'cadastro_teste.muitos');
    // Enough that what PostgreSQL is asked is asked side by side.
    const rowCount = 101_000;
    const lines = Array.from({ length: rowCount }, (_row, index) => {
      if (index === 5000) return '5000,nome,99999';
      if (index === 60_000) return '60000,nome,x';
      if (index === 70_000) return '70000,,1';
      if (index === 100_999) return '7,outro,2';
      return `${index},nome,1`;
    });
    const job = await harness.load('muitos', { bytes: ['id,nome,idade', ...lines].join('\n'), format: 'csv' });
    expect(job).toMatchObject({
      result: 'partial',
      rows: { ...none, read: rowCount, inserted: rowCount - 4, skipped: 1, rejected: 3 },
      stage: [
        { row: 8, status: 'SK', faults: [{ column: 'id', code: 'duplicate_key', message: '101000', value: '7' }] },
        { row: 5001, status: 'ER', faults: [{ column: 'idade', value: '99999' }] },
        { row: 60_001, status: 'ER', faults: [{ column: 'idade', value: 'x' }] },
        { row: 70_001, status: 'ER', faults: [{ column: 'nome', code: 'not_null' }] },
      ],
    });
    expect(
      await query(
        `select count(*)::int as n, string_agg(nome, '') filter (where id = 7) as seven from cadastro_teste.muitos`,
      ),
    ).toEqual([{ n: rowCount - 4, seven: 'outro' }]);
  });

  test('isolates rows that a unique index, a foreign key or a trigger refuses', async () => {
    await query(`create table cadastro_teste.ufs (sigla text primary key); insert into cadastro_teste.ufs values ('SP');
                 create table cadastro_teste.presos (id int primary key, email text unique, uf text references cadastro_teste.ufs);
                 insert into cadastro_teste.presos values (1000, 'dono@exemplo', null);
                 create function cadastro_teste.recusa() returns trigger language plpgsql as $f$
                   begin if new.id = 50 then raise exception 'cinquenta não'; end if; return new; end $f$;
                 create trigger recusa before insert on cadastro_teste.presos for each row execute function cadastro_teste.recusa()`);
    await harness.register('presos', 'cadastro_teste.presos');
    const all = Array.from({ length: 100 }, (_, index) => ({ id: index, email: `p${index}@exemplo`, uf: 'SP' }));
    Object.assign(all[10]!, { email: 'dono@exemplo' });
    Object.assign(all[20]!, { email: 'p21@exemplo' });
    Object.assign(all[30]!, { uf: 'XX' });
    const { rows, stage, result } = await harness.load('presos', ndjson(all));
    expect(result).toBe('partial');
    expect(rows).toEqual({ ...none, read: 100, inserted: 96, rejected: 4 });
    expect(stage.map(({ row, faults }) => [row, faults[0]?.code])).toEqual([
      [11, 'unique_violation'],
      [22, 'unique_violation'],
      [31, 'foreign_key_violation'],
      [51, 'trigger_refused'],
    ]);
    expect(stage[3]?.faults[0]?.message).toContain('cinquenta não');
  });

  test('abort and a breach of maxErrors leave the table untouched and still name the rows', async () => {
    await query('create table cadastro_teste.tudo_ou_nada (id int primary key, v int not null)');
    await harness.register('tudo_ou_nada', 'cadastro_teste.tudo_ou_nada');
    const file = ndjson([
      { id: 1, v: 1 },
      { id: 2, v: 'x' },
      { id: 3, v: null },
    ]);
    const aborted = await harness.load('tudo_ou_nada', file, { onError: 'abort' });
    expect(aborted).toMatchObject({
      status: 'error',
      result: 'failed',
      error: 'rejected_rows',
      rows: { ...none, read: 3, rejected: 2, skipped: 1 },
    });
    expect(aborted.stage.map(({ row }) => row)).toEqual([2, 3]);
    expect((await harness.load('tudo_ou_nada', file, { maxErrors: 1 })).error).toBe('too_many_errors');
    expect(await query('select * from cadastro_teste.tudo_ou_nada')).toEqual([]);
    expect((await harness.load('tudo_ou_nada', file, { maxErrors: 2 })).rows.inserted).toBe(1);
  });

  test('columns missing from the file keep their value on update and take their default on insert', async () => {
    await query(`create table cadastro_teste.parcial (id int primary key, a text default 'padrão', b text not null, c int generated always as (id * 2) stored);
                 insert into cadastro_teste.parcial values (1, 'fica', 'velho')`);
    await harness.register('parcial', 'cadastro_teste.parcial');
    const { rows } = await harness.load(
      'parcial',
      ndjson([
        { id: 1, b: 'novo', c: 99 },
        { id: 2, b: 'b' },
      ]),
    );
    expect(rows).toMatchObject({ inserted: 1, updated: 1 });
    expect(await query('select * from cadastro_teste.parcial order by id')).toEqual([
      { id: 1, a: 'fica', b: 'novo', c: 2 },
      { id: 2, a: 'padrão', b: 'b', c: 4 },
    ]);
    const incomplete = await harness.load(
      'parcial',
      ndjson([
        { id: 1, a: 'mudou' },
        { id: 3, a: 'x' },
      ]),
    );
    expect(incomplete.rows).toMatchObject({ updated: 1, rejected: 1 });
    expect(incomplete.stage).toMatchObject([{ row: 2, faults: [{ code: 'required_column_missing' }] }]);
  });

  test('what the figura requires has to be in the file and filled, beside what the table requires', async () => {
    await query(`create table cadastro_teste.exigente (id int primary key, nome text, uf char(2), saldo int default 0);
                 insert into cadastro_teste.exigente values (6, 'x', 'PR', 1), (7, 'x', 'PR', 1)`);
    await harness.register('exigente', 'cadastro_teste.exigente', { required: ['nome', 'uf', 'saldo'] });
    const rows = [
      { id: 1, nome: 'Ana', uf: 'PR', saldo: 0 },
      { id: 2, nome: '', uf: 'PR', saldo: 1 },
      { id: 3, nome: null, uf: '  ', saldo: 1 },
      { id: 4, nome: 'Bia', uf: 'PR' },
      { id: 5, nome: '', uf: 'PR', saldo: 'x' },
      { id: 6, nome: '', uf: 'SC', saldo: 1 },
      { id: 7, op: 'D' },
    ];
    const { rows: counts, stage } = await harness.load('exigente', ndjson(rows));
    expect(counts).toMatchObject({ read: 7, inserted: 1, deleted: 1, rejected: 5 });
    const faults = stage.map(({ row, faults }) => [
      row,
      ...faults.map(({ column, code }) => `${column} ${code}`).sort(),
    ]);
    expect(faults).toEqual([
      [2, 'nome not_null'],
      [3, 'nome not_null', 'uf not_null'],
      [4, 'saldo not_null'],
      [5, 'nome not_null', 'saldo invalid_value'],
      [6, 'nome not_null'],
    ]);
    const lacking = await harness.load('exigente', ndjson([{ id: 7, nome: 'Ana', uf: 'PR' }]));
    expect(lacking).toMatchObject({ status: 'error', error: 'missing_column' });
    await query('alter table cadastro_teste.exigente drop column saldo');
    expect((await harness.load('exigente', ndjson(rows))).error).toBe('column_not_found_in_table');
  });

  test('hostile names of tables and columns are names and nothing else', async () => {
    const hostile = '"; drop schema carga cascade; --';
    const quoted = `"${hostile.replaceAll('"', '""')}"`;
    await query(
      `create table cadastro_teste.${quoted} (${quoted} int primary key, "SELECT" text, "a b" text, "ção" text)`,
    );
    await harness.register('hostil', 'cadastro_teste.x', { key: [hostile] });
    await query('update carga.figuras set table_name = $1 where name = $2', [hostile, 'hostil']);
    const { rows } = await harness.load(
      'hostil',
      ndjson([{ [hostile]: 1, SELECT: 'x', 'a b': `'; drop table x; --`, ção: '\\.' }]),
    );
    expect(rows.inserted).toBe(1);
    expect(await query(`select * from cadastro_teste.${quoted}`)).toEqual([
      { [hostile]: 1, SELECT: 'x', 'a b': `'; drop table x; --`, ção: '\\.' },
    ]);
  });

  test('values are exact: null, empty, backslashes, emoji, big numbers', async () => {
    await query(
      'create table cadastro_teste.exatos (id int primary key, t text, n numeric, b bigint, f float8, ts timestamptz, j jsonb)',
    );
    await harness.register('exatos', 'cadastro_teste.exatos');
    const texts = ['', '\\N', '\\.', '\t\n\r\b\f\v', '👩‍👩‍👧 ç ‮rtl', '\u0001', '\\', 'null'];
    const raw = texts.map((text, index) => `{"id":${index},"t":${JSON.stringify(text)}}`);
    raw.push(
      '{"id":100,"n":123456789012345678901234567890.123456789,"b":9223372036854775807,"f":1e-7,"ts":"2026-01-02T03:04:05.678901-03:00","j":{"n":12345678901234567890.10}}',
    );
    const { rows } = await harness.load('exatos', { bytes: raw.join('\n'), format: 'ndjson' });
    expect(rows).toMatchObject({ read: 9, inserted: 9 });
    expect((await query('select t from cadastro_teste.exatos where id < 100 order by id')).map(({ t }) => t)).toEqual(
      texts,
    );
    expect(
      await query(
        `select n::text, b::text, f::text, (ts at time zone 'UTC')::text as ts, j::text from cadastro_teste.exatos where id = 100`,
      ),
    ).toEqual([
      {
        n: '123456789012345678901234567890.123456789',
        b: '9223372036854775807',
        f: '1e-07',
        ts: '2026-01-02 06:04:05.678901',
        j: '{"n": 12345678901234567890.10}',
      },
    ]);
  });

  test.each([
    ['corrupt Parquet', { bytes: 'PAR1 rubbish PAR1', format: 'parquet' as const }],
    ['10 MB of [', { bytes: '['.repeat(10_000_000), format: 'json' as const }],
    ['half a JSON array', { bytes: '[{"id":1,"nome":"x"},{"id":', format: 'json' as const }],
    ['no key column', { bytes: '{"nome":"x"}', format: 'ndjson' as const }],
  ])('%s fails with its reason and changes nothing', async (_name, file) => {
    const before = await query('select count(*)::int as n from cadastro_teste.pessoas');
    const outcome = await harness.load('pessoas', file);
    expect(outcome).toMatchObject({ status: 'error', result: 'failed', rows: none });
    expect(outcome.error).toMatch(/^[a-z_]+$/);
    expect(outcome.error).not.toBe('internal');
    expect(await query('select count(*)::int as n from cadastro_teste.pessoas')).toEqual(before);
  });

  test('an attempt that was taken over writes nothing, and leaves its successor the stage', async () => {
    await query('create table cadastro_teste.cercado (id int primary key)');
    await harness.register('cercado', 'cadastro_teste.cercado');
    const stages = () =>
      query(`select relname from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'carga_stage'`);
    const attempt = harness.load(
      'cercado',
      ndjson([{ id: 1 }]),
      {},
      {
        atStep: async (step) => {
          if (step !== 'validated') return;
          const [job] = await query(
            `update carga.jobs set attempt = attempt + 1 where figura = 'cercado' returning replace(id::text, '-', '') as id`,
          );
          await query(`create table carga_stage.job_${job?.id}_2 (n bigint)`);
        },
      },
    );
    // Thrown, so that the queue does not delete the task that the successor holds.
    await expect(attempt).rejects.toThrow('taken over');
    expect(await query(`select status from carga.jobs where figura = 'cercado'`)).toEqual([{ status: 'processing' }]);
    expect(await query('select * from cadastro_teste.cercado')).toEqual([]);
    const [left, ...others] = await stages();
    expect(left?.relname).toMatch(/_2$/);
    expect(others).toEqual([]);
    await query(`drop table carga_stage.${left?.relname}`);
  });

  test.each(['claimed', 'fetched', 'staging', 'copying', 'staged', 'validated', 'merging', 'merged'])(
    'a cancellation at %s leaves the table untouched',
    async (step) => {
      await query('create table if not exists cadastro_teste.cancelado (id int primary key)');
      await harness.register(`cancelado_${step}`, 'cadastro_teste.cancelado');
      const started = performance.now();
      let cancelledAt = started;
      const outcome = await harness.load(
        `cancelado_${step}`,
        ndjson(Array.from({ length: 1000 }, (_, id) => ({ id }))),
        {},
        {
          atStep: async (at) => {
            if (at !== step) return;
            await query(`update carga.jobs set cancel_requested_at = now() where figura = $1`, [`cancelado_${step}`]);
            cancelledAt = performance.now();
          },
        },
      );
      expect(outcome.status).toBe('cancelled');
      expect(performance.now() - cancelledAt).toBeLessThan(2000);
      expect(await query('select * from cadastro_teste.cancelado')).toEqual([]);
    },
  );

  test.each(['before_commit', 'committed'])('a cancellation at %s finds a job that has ended', async (step) => {
    const figura = `tarde_${step}`;
    await query(`create table cadastro_teste.${figura} (id int primary key)`);
    await harness.register(figura, `cadastro_teste.${figura}`);
    let found: Promise<unknown> | undefined;
    const outcome = await harness.load(
      figura,
      ndjson([{ id: 1 }, { id: 2 }]),
      {},
      {
        atStep: async (at) => {
          if (at !== step) return;
          // As whoever cancels asks first; before the commit that waits for it.
          found = query('select status from carga.jobs where figura = $1 for update', [figura]);
        },
      },
    );
    expect(await found).toEqual([{ status: 'complete' }]);
    expect(outcome).toMatchObject({ status: 'complete', rows: { ...none, read: 2, inserted: 2 } });
    expect(await query(`select id from cadastro_teste.${figura} order by id`)).toEqual([{ id: 1 }, { id: 2 }]);
  });
});
