// Files whose first bytes say something else than their last: staged once they are here, with nothing lost of either.
import { expect, test } from 'vitest';
import { createLoadHarness } from '../support/load-harness.ts';

const ROWS = 20_000;
const harness = await createLoadHarness();
await harness.pool.query('create schema chegada');

const query = async (sql: string) => (await harness.pool.query(sql)).rows;
const lines = (line: (id: number) => string) => Array.from({ length: ROWS }, (_row, id) => line(id)).join('');
const describedOf = async (id: string) =>
  (await harness.pool.query(`select data from carga.job_events where job_id = $1 and code = 'described'`, [id])).rows;

async function makeFigura(name: string): Promise<void> {
  await query(`create table chegada.${name} (id int primary key, nome text, extra text)`);
  await harness.register(name, `chegada.${name}`);
}

test('a column that only the last row of NDJSON has is loaded', async () => {
  await makeFigura('tardia');
  const bytes = lines((id) => `{"id":${id},"nome":"pessoa ${id}"${id === ROWS - 1 ? ',"extra":"tarde"' : ''}}\n`);
  const percents: number[] = [];
  const outcome = await harness.load(
    'tardia',
    { bytes, format: 'ndjson' },
    {},
    {
      async atStep(step) {
        if (step !== 'staging') return;
        const [job] = await query(`select percent from carga.jobs where figura = 'tardia'`);
        percents.push(Number(job.percent));
      },
    },
  );
  expect(outcome).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: ROWS, rejected: 0 } });
  expect(await query('select id, extra from chegada.tardia where extra is not null')).toEqual([
    { id: ROWS - 1, extra: 'tarde' },
  ]);
  expect(await describedOf(outcome.id)).toHaveLength(1);
  // Staged a second time, from its first row; the bar waits where it was.
  expect(percents).toEqual([10, expect.toSatisfy((percent) => percent > 40)]);
});

test('a key that only the last row of NDJSON has is no missing column', async () => {
  await makeFigura('chave_tardia');
  const bytes = lines((id) => (id === ROWS - 1 ? '{"id":1,"nome":"só eu"}\n' : `{"nome":"pessoa ${id}"}\n`));
  const outcome = await harness.load('chave_tardia', { bytes, format: 'ndjson' });
  expect(outcome).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: 1, rejected: ROWS - 1 } });
  expect(await query('select * from chegada.chave_tardia')).toEqual([{ id: 1, nome: 'só eu', extra: null }]);
});

test('an accent in the last row tells the encoding of all', async () => {
  await makeFigura('acento');
  const text = `id;nome\n${lines((id) => `${id};${id === ROWS - 1 ? 'São Tomé' : 'Sao Tome'}\n`)}`;
  const outcome = await harness.load('acento', { bytes: Buffer.from(text, 'latin1'), format: 'csv' });
  expect(outcome).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: ROWS, rejected: 0 } });
  expect(await query(`select id from chegada.acento where nome = 'São Tomé'`)).toEqual([{ id: ROWS - 1 }]);
  expect(await describedOf(outcome.id)).toMatchObject([{ data: { csv: { encoding: 'windows-1252' } } }]);
});

test('rows that only the scanner can tell are refused one by one, and all others go in', async () => {
  await makeFigura('aspas');
  const bytes = `id;nome;extra\n${lines((id) => `${id};${id === ROWS - 2 ? '"a"b' : 'x'.repeat(20)};\n`)}`;
  const outcome = await harness.load('aspas', { bytes, format: 'csv' });
  expect(outcome).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: ROWS - 1, rejected: 1 } });
  expect(outcome.stage).toMatchObject([{ row: ROWS - 1, faults: [{ code: 'malformed_quotes' }] }]);
});

test('what breaks the file off near its end leaves the table untouched, and is told as ever', async () => {
  await makeFigura('quebrada');
  const bytes = lines((id) => (id === ROWS - 1 ? '{"id":1,"nome":' : `{"id":${id},"nome":"pessoa"}\n`));
  const outcome = await harness.load('quebrada', { bytes, format: 'ndjson' });
  expect(outcome).toMatchObject({ status: 'error', error: 'truncated_file', rows: { inserted: 0 } });
  expect(await query('select * from chegada.quebrada')).toEqual([]);
});

test('columns the table lacks, and columns it needs, are told of a file that arrives as of any', async () => {
  await makeFigura('sem_chave');
  const csv = { bytes: `codigo;nome\n${lines((id) => `${id};pessoa\n`)}`, format: 'csv' } as const;
  expect(await harness.load('sem_chave', csv)).toMatchObject({ status: 'error', error: 'missing_key_column' });
});
