import { expect, test } from 'vitest';
import { rejectedRowsAsParquet, rejectedRowsAsText } from '#lib/api/error-download.ts';
import { listRows, toRowDto } from '#lib/api/job-rows.ts';
import { convertToParquet } from '#lib/formats/convert-to-parquet.ts';
import { createLoadHarness } from '../support/load-harness.ts';

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

const harness = await createLoadHarness();
const { pool } = harness;

/** As the page and the command send a CSV. */
async function asParquet(csv: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await convertToParquet({
    open: async function* () {
      yield Buffer.from(csv);
    },
    format: 'csv',
    sink: { write: async (bytes) => void chunks.push(bytes.slice()), close: async () => {} },
  });
  return Buffer.concat(chunks);
}

test('rejected rows come back with every digit, and load once they are mended', async () => {
  await pool.query(
    'create table public.exato (id bigint primary key, n numeric, j jsonb, lista bigint[], "__proto__" text, idade smallint)',
  );
  await harness.register('exato', 'public.exato');
  const sent =
    '{"id":9223372036854775807,"n":12345678901234567890.1234567890,"j":{"m":1.10},"lista":[9007199254740993],"__proto__":"p","idade":70000}';
  const { id, rows } = await harness.load('exato', { bytes: sent, format: 'ndjson' });
  expect(rows.rejected).toBe(1);

  const [row] = await listRows(pool, id, { status: 'ER', limit: 10, cursor: null });
  const wire = JSON.stringify(row && toRowDto(row, 'en'));
  for (const exact of [
    '"id":9223372036854775807',
    '"n":12345678901234567890.1234567890',
    '{"m": 1.10}',
    '[9007199254740993]',
  ]) {
    expect(wire.replaceAll(' ', '')).toContain(exact.replaceAll(' ', ''));
  }
  const ndjson = await textOf(rejectedRowsAsText(pool, id, 'ndjson', 'en'));
  expect(ndjson).toContain(sent.slice(0, -1));
  const csv = await textOf(rejectedRowsAsText(pool, id, 'csv', 'en'));
  expect(csv).toContain(
    '9223372036854775807,12345678901234567890.1234567890,"{""m"":1.10}",[9007199254740993],p,70000',
  );

  const semicolons = await textOf(rejectedRowsAsText(pool, id, 'csv', 'en', ';'));
  expect(semicolons).toContain(';"{""m"":1.10}";[9007199254740993];p;70000;');
  const parquet = await new Response(await rejectedRowsAsParquet(pool, id, 'en')).bytes();
  const again = await harness.load('exato', { bytes: parquet, format: 'parquet' });
  expect(again.stage[0]?.faults).toMatchObject([{ column: 'idade', code: 'value_out_of_range', value: '70000' }]);
  for (const [bytes, format] of [
    [ndjson.replace('70000', '7'), 'ndjson'],
    [csv.replace(',70000,', ',7,'), 'csv'],
    [semicolons.replace(';70000;', ';7;'), 'csv'],
  ] as const) {
    const mended = await harness.load('exato', { bytes, format });
    expect([mended.error, mended.rows.rejected]).toEqual([null, 0]);
    expect((await pool.query('select id::text, n::text, j::text, lista::text, idade from public.exato')).rows).toEqual([
      {
        id: '9223372036854775807',
        n: '12345678901234567890.1234567890',
        j: '{"m": 1.10}',
        lista: '{9007199254740993}',
        idade: 7,
      },
    ]);
  }
});

test('what a spreadsheet would run is guarded in the CSV, and is what it was once the mended file is loaded', async () => {
  await pool.query('create table public.guarda (id int primary key, fone text, nota text, "=c" text)');
  await harness.register('guarda', 'public.guarda');
  const phone = '+55 11 99999-0000';
  const csvOf = (id: string) => textOf(rejectedRowsAsText(pool, id, 'csv', 'en'));
  const first = await harness.load('guarda', {
    bytes: `id,fone,nota,=c\r\nx,${phone},"'=1+1",-a\r\n`,
    format: 'csv',
  });
  const csv = await csvOf(first.id);
  expect(csv).toContain(`\ufeffid,fone,nota,"'=c",_row,_column,_code,_message\r\nx,"'${phone}","''=1+1","'-a",1,id,`);

  // Not mended well: the second download has the four columns once, and is the first again.
  for (const file of [
    { bytes: csv, format: 'csv' },
    { bytes: await asParquet(csv), format: 'parquet' },
  ] as const) {
    const again = await harness.load('guarda', file);
    expect([again.rows.rejected, await csvOf(again.id)]).toEqual([1, csv]);
    const ndjson = await textOf(rejectedRowsAsText(pool, again.id, 'ndjson', 'en'));
    expect(JSON.parse(ndjson)).toMatchObject({ fone: phone, nota: "'=1+1", '=c': '-a', _row: 1 });
  }
  const mended = csv.replace('\r\nx,', '\r\n1,');
  for (const file of [
    { bytes: mended, format: 'csv' },
    { bytes: await asParquet(mended), format: 'parquet' },
  ] as const) {
    expect((await harness.load('guarda', file)).rows.rejected).toBe(0);
    expect((await pool.query('select * from public.guarda')).rows).toEqual([
      { id: 1, fone: phone, nota: "'=1+1", '=c': '-a' },
    ]);
    await pool.query('delete from public.guarda');
  }
});

test('of a job without rejected rows there is a file without rows', async () => {
  await pool.query('create table public.limpa (id int primary key)');
  await harness.register('limpa', 'public.limpa');
  const { id } = await harness.load('limpa', { bytes: 'id\n1\n', format: 'csv' });
  const texts = (['csv', 'ndjson', 'json'] as const).map((format) =>
    textOf(rejectedRowsAsText(pool, id, format, 'en')),
  );
  expect(await Promise.all(texts)).toEqual(['\ufeff_row,_column,_code,_message\r\n', '', '[\n]\n']);
  const parquet = await new Response(await rejectedRowsAsParquet(pool, id, 'en')).bytes();
  expect(Buffer.from(parquet.subarray(0, 4)).toString()).toBe('PAR1');
});
