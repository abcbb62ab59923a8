import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { CellTarget } from './protocol.ts';
import { describeFile, type SourceFile } from './reader.ts';
import { convertFile, makeFolder, pickAll, readCopy } from './reader-test-kit.ts';

// What the browser converts must load as the file itself would have: same bytes, same faults, same rows shown.

const TARGETS: CellTarget[] = ['text', 'json', 'integer', 'number', 'date', 'timestamp', 'boolean', 'other', 'array'];

async function compare(content: string, format: 'csv' | 'json' | 'ndjson'): Promise<void> {
  const folder = await makeFolder();
  const options = { tempDirectory: folder };
  const source: SourceFile = { path: path.join(folder, `source.${format}`), format };
  await writeFile(source.path, content);
  const parquet: SourceFile = { path: path.join(folder, 'converted.parquet'), format: 'parquet' };
  await convertFile(source.path, format, parquet.path);

  const description = await describeFile(parquet, options);
  expect(description.note).toMatchObject({ format });
  const names = (await describeFile(source, options)).columns.map(({ name }) => name);
  expect(description.columns.map(({ name }) => name)).toEqual(names);
  const columns = names.flatMap((name) => TARGETS.map((target) => ({ source: name, target })));
  const direct = await readCopy(source, columns, options);
  const converted = await readCopy(parquet, columns, options);
  expect(converted.text).toBe(direct.text);
  expect(converted.summary.withheldRowNumbers).toEqual(direct.summary.withheldRowNumbers);
  expect(direct.summary.withheldRows).toBeGreaterThan(0);
  const rows = Array.from({ length: direct.summary.rowCount }, (_, index) => index + 1);
  expect(await pickAll(parquet, columns, rows, options)).toEqual(await pickAll(source, columns, rows, options));
}

test('JSON converted to Parquet loads as the JSON itself', async () => {
  const rows = [
    '{"s":"plain","n":1.0,"b":true,"o":{"a":[1,2.50,12345678901234567890]},"m":"text","__proto__":"p"}',
    '{"s":null,"n":12345678901234567890.123456789,"b":false,"o":"a \\"string\\"","m":7.00}',
    '{"n":-0.0,"o":[],"m":true,"/~\\"x\'":"1","0":5}',
    '{"s":"a\\tb\\nc\\\\d\\u0001","o":null,"m":{"k":"v"},"0":"five"}',
    '{"s":"NUL \\u0000","o":"NUL \\u0000","m":null}',
    '{"s":"half \\ud800","o":"half \\ud800","m":"half \\udc00","0":"\\udfff","/~\\"x\'":"\\ud801"}',
    '{"s":"😀 ç","o":1e3,"/~\\"x\'":2}',
  ];
  await compare(`[${rows.join(',\n')}]`, 'json');
  await compare(rows.join('\n'), 'ndjson');
});

test('CSV converted to Parquet loads as the CSV itself', async () => {
  const rows = [
    'código;valor;dia;texto',
    '1;1.234,56;31/12/2024;"a ""b"""',
    '2; 7,5 ;1/2/2024 10:20;"linha\n2"',
    '3;1234,5;31-12-2024;x',
    '4;12.34;\u00a031/12/2024;',
    '5;-1.234.567,00;;\0',
    '6;um;dois',
    '7;um;dois;três;quatro',
    '8;+1,5e3;2024-12-31;"\\N"',
    '9;0,0;30/06/1999T01:02:03Z;\\.',
    '"";"";"";""',
    ';"[1,2]";{3};',
  ];
  await compare(rows.join('\r\n'), 'csv');
  await compare(rows.join('\r\n').replaceAll(';', ',').replaceAll('/', '.'), 'csv');
});
