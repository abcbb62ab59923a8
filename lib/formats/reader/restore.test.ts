import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import avsc from 'avsc';
import { expect, test } from 'vitest';
import type { FileFormat } from './protocol.ts';
import { restoreFile, type SourceFile } from './reader.ts';
import { convertFile, makeFolder, readCopy, textColumns, writeParquet } from './reader-test-kit.ts';

async function restored(file: SourceFile, to: FileFormat, folder: string): Promise<string> {
  const output = path.join(folder, `restored.${to}`);
  await restoreFile(file, to, output, { tempDirectory: folder });
  return readFile(output, 'utf8');
}

const JSON_ROWS = [
  '{"id":1,"s":"a \\"b\\"\\n","o":{"list":[1,2.50,{"deep":null}],"__proto__":7},"b":true}',
  '{"id":12345678901234567890,"s":null,"o":[],"b":false}',
  '{"id":1e400,"o":"text","b":true,"late":"\\u0000 \\ud800"}',
];

test('JSON that was turned into Parquet comes back as the JSON it was', async () => {
  const folder = await makeFolder();
  const source = path.join(folder, 'source.json');
  await writeFile(source, `[${JSON_ROWS.join(',')}]`);
  const parquet: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await convertFile(source, 'json', parquet.path);
  expect(await restored(parquet, 'ndjson', folder)).toBe(`${JSON_ROWS.join('\n')}\n`);
  expect(await restored(parquet, 'json', folder)).toBe(`[\n${JSON_ROWS.join(',\n')}\n]\n`);
  expect((await restored(parquet, 'csv', folder)).split('\n')[0]).toBe('id,s,o,b,late\r');
});

test('CSV that was turned into Parquet comes back cell by cell', async () => {
  const folder = await makeFolder();
  const source = path.join(folder, 'source.csv');
  const csv = 'a;b\r\n1.234,5;"x ""y"""\r\nonly\r\n1;2;3\r\n;"two\r\nlines"\r\n';
  await writeFile(source, csv);
  const parquet: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await convertFile(source, 'csv', parquet.path);
  expect(await restored(parquet, 'csv', folder)).toBe(csv);
});

test('any other Parquet becomes JSON with sub-levels and exact numbers', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await writeParquet(
    file.path,
    `SELECT 9223372036854775807 AS big, 0.1::DECIMAL(38,20) AS d, {'x': [1, NULL], 'y"': MAP {'k': 1.5}} AS n,
      '{"j":1.00}'::JSON AS j, 'nan'::DOUBLE AS nan, '\\xFF'::BLOB AS b, TIMESTAMPTZ '2024-01-02 03:04:05.6+00' AS t, 'a,"b' AS s`,
  );
  const row =
    '{"big":9223372036854775807,"d":0.10000000000000000000,"n":{"x":[1,null],"y\\"":{"k":1.5}},"j":{"j":1.00},"nan":"NaN","b":"\\\\xff","t":"2024-01-02T03:04:05.6Z","s":"a,\\"b"}';
  expect(await restored(file, 'ndjson', folder)).toBe(`${row}\n`);
  expect(await restored(file, 'json', folder)).toBe(`[\n${row}\n]\n`);
  expect(await restored(file, 'csv', folder)).toBe(
    'big,d,n,j,nan,b,t,s\r\n9223372036854775807,0.10000000000000000000,"{""x"":[1,null],""y\\"""":{""k"":1.5}}","{""j"":1.00}",NaN,\\xff,2024-01-02 03:04:05.6+00,"a,""b"\r\n',
  );
});

test('Avro made from Parquet is read by another library, exactly', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await writeParquet(
    file.path,
    `SELECT i AS "número", i / 4.0::DOUBLE AS d, i % 2 = 0 AS b, CASE WHEN i > 0 THEN 'x' || i END AS s, [i] AS l
      FROM range(50000) t(i)`,
  );
  const output = path.join(folder, 'out.avro');
  expect(await restoreFile(file, 'avro', output, { tempDirectory: folder })).toEqual({ rowCount: 50_000 });
  const rows: unknown[] = [];
  for await (const row of avsc.createFileDecoder(output)) rows.push({ ...(row as object) });
  expect(rows).toHaveLength(50_000);
  expect(rows[3]).toEqual({ numero: 3, d: 0.75, b: false, s: 'x3', l: '[3]' });
  expect(rows[0]).toEqual({ numero: 0, d: 0, b: true, s: null, l: '[0]' });
});

test('JSON becomes Avro with numbers as exact as their literals allow, and Avro becomes Parquet', async () => {
  const folder = await makeFolder();
  const options = { tempDirectory: folder };
  const json: SourceFile = { path: path.join(folder, 'a.json'), format: 'json' };
  await writeFile(json.path, '[{"n":9223372036854775807},{"n":0.5},{"n":12345678901234567890.5},{"n":null}]');
  const avro: SourceFile = { path: path.join(folder, 'a.avro'), format: 'avro' };
  await restoreFile(json, 'avro', avro.path, options);
  const parquet: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await restoreFile(avro, 'parquet', parquet.path, options);
  const expected = '1\t9223372036854775807\n2\t0.5\n3\t12345678901234567890.5\n4\t\x01\n';
  for (const file of [avro, parquet]) {
    expect((await readCopy(file, await textColumns(file, options), options)).text).toBe(expected);
  }
});

test('a restore that fails leaves nothing behind', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await writeParquet(file.path, 'SELECT i FROM range(100000) t(i)');
  const output = path.join(folder, 'out.json');
  const options = { tempDirectory: folder, maxOutputBytes: 1000 };
  await expect(restoreFile(file, 'json', output, options)).rejects.toMatchObject({ code: 'output_too_large' });
  await expect(readFile(output)).rejects.toMatchObject({ code: 'ENOENT' });
});
