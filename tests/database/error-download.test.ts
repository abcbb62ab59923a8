import { expect, test } from 'vitest';
import { rejectedRowsAsParquet, rejectedRowsAsText } from '#lib/api/error-download.ts';
import { listRows, toRowDto } from '#lib/api/job-rows.ts';
import { createLoadHarness } from '../support/load-harness.ts';

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

test('rejected rows come back with every digit, and load once they are mended', async () => {
  const harness = await createLoadHarness();
  const { pool } = harness;
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

  const parquet = await new Response(await rejectedRowsAsParquet(pool, id, 'en')).bytes();
  const again = await harness.load('exato', { bytes: parquet, format: 'parquet' });
  expect(again.stage[0]?.faults).toMatchObject([{ column: 'idade', code: 'value_out_of_range', value: '70000' }]);
  for (const [bytes, format] of [
    [ndjson.replace('70000', '7'), 'ndjson'],
    [csv.replace(',70000,', ',7,'), 'csv'],
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
