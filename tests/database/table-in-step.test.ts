// A figura is read from the catalogue each time: what becomes of the table is known at once, and a table that moves
// under a running job ends it.
import { beforeAll, describe, expect, test } from 'vitest';
import { loadFigura } from '#lib/figura/figura-registry.ts';
import { createLoadHarness, type LoadHarness } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';

const FILE = { bytes: '{"id":1,"nome":"a"}\n{"id":2,"nome":"b"}', format: 'ndjson' as const };

describe.each(postgresVersions)('a table that changes, on PostgreSQL %i', (version) => {
  let harness: LoadHarness;
  const query = async (sql: string) => (await harness.pool.query(sql)).rows;
  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await query('create schema muda');
  });

  async function makeTable(name: string): Promise<void> {
    await query(`create table muda.${name} (id int primary key, nome text)`);
    await harness.register(name, `muda.${name}`);
  }

  test('is shown as it is now', async () => {
    await makeTable('vista');
    await query(`alter table muda.vista add column idade int not null default 0, alter column nome type varchar(10);
                 comment on column muda.vista.nome is 'Como no documento'`);
    const { table } = await loadFigura(harness.pool, 'vista');
    expect(
      table.columns.map(({ name, type, default: standard, description }) => [name, type, standard, description]),
    ).toEqual([
      ['id', 'integer', null, null],
      ['nome', 'character varying(10)', null, 'Como no documento'],
      ['idade', 'integer', '0', null],
    ]);
  });

  test.each([
    ['a type', 'tipo', 'alter table muda.tipo alter column nome type varchar(1)'],
    ['a column', 'coluna', 'alter table muda.coluna drop column nome'],
    ['the key', 'chave', 'alter table muda.chave drop constraint chave_pkey'],
    ['the table itself', 'outra', 'drop table muda.outra; create table muda.outra (id int primary key, nome text)'],
  ])('%s while a job runs: the job says so and writes nothing', async (_what, name, sql) => {
    await makeTable(name);
    const atStep = async (step: string) => {
      if (step === 'validated') await query(sql);
    };
    const outcome = await harness.load(name, FILE, {}, { atStep });
    expect([outcome.status, outcome.error]).toEqual(['error', 'target_changed']);
    expect(await query(`select count(*) from muda.${name}`)).toEqual([{ count: 0 }]);
  });

  test('a column more while a job runs changes nothing for it', async () => {
    await makeTable('mais');
    const atStep = async (step: string) => {
      if (step === 'validated') await query('alter table muda.mais add column idade int default 7');
    };
    const outcome = await harness.load('mais', FILE, {}, { atStep });
    expect([outcome.status, outcome.rows.inserted]).toEqual(['complete', 2]);
    expect(await query('select idade from muda.mais')).toEqual([{ idade: 7 }, { idade: 7 }]);
  });
});
