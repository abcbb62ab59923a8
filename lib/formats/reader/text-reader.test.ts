import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { CellTarget } from './protocol.ts';
import { describeFile, type FileFormat, type SourceFile } from './reader.ts';
import { makeFolder, parseCopy, pickAll, readCopy } from './reader-test-kit.ts';

async function fileOf(content: string | Uint8Array, format: FileFormat) {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a'), format };
  await writeFile(file.path, content);
  return { file, options: { tempDirectory: folder } };
}

const columnsOf = (targets: Record<string, CellTarget>) =>
  Object.entries(targets).map(([source, target]) => ({ source, target }));

test('CSV of a Portuguese spreadsheet loads, an accent in the last row deciding its encoding', async () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => `${index};1.234,50;31/12/2024;plain text`);
  const text = `id;valor;dia;nome\r\n${rows.join('\r\n')}\r\n10000;0,5;01/02/2024;S\xe3o Jo\xe3o\r\n`;
  const { file, options } = await fileOf(Buffer.from(text, 'latin1'), 'csv');
  expect(await describeFile(file, options)).toMatchObject({
    columns: ['id', 'valor', 'dia', 'nome'].map((name) => ({ name, type: 'text', nested: false })),
    rowCount: null,
    csv: { delimiter: ';', encoding: 'windows-1252', decimal: ',', dateFormat: 'dd/mm/yyyy', header: true },
  });
  const columns = columnsOf({ id: 'integer', valor: 'number', dia: 'date', nome: 'text' });
  const { text: copied, summary } = await readCopy(file, columns, options);
  expect(copied.startsWith('1\t0\t1234.50\t2024-12-31\tplain text\n')).toBe(true);
  expect(copied.endsWith('\n10001\t10000\t0.5\t2024-02-01\tSão João\n')).toBe(true);
  expect(summary).toMatchObject({ rowCount: 10_001, withheldRows: 0 });
  const overridden = { ...file, csv: { encoding: 'utf-8' } };
  await expect(readCopy(overridden, columns, options)).rejects.toMatchObject({ code: 'invalid_encoding' });
});

test('CSV rows that do not fit keep their number and are shown as they came', async () => {
  const { file, options } = await fileOf('a,b\n1,2\n1\n1,2,3\n"x,\ny",\n', 'csv');
  const columns = columnsOf({ a: 'text', b: 'text' });
  const { text, summary } = await readCopy(file, columns, options);
  expect(text).toBe('1\t1\t2\n4\tx,\\ny\t\x01\n');
  expect(summary).toMatchObject({ rowCount: 4, withheldRows: 2, withheldRowNumbers: [2, 3] });
  const picked = await pickAll(file, columns, [2, 3, 4], options);
  expect(picked.map(({ row, dataJson, faults: [fault] }) => [row, dataJson, fault?.code])).toEqual([
    [2, '{"a":"1"}', 'too_few_fields'],
    [3, '{"a":"1","b":"2","column_3":"3"}', 'too_many_fields'],
    [4, '{"a":"x,\\ny","b":null}', undefined],
  ]);
});

test('JSON keeps numbers and nested values as written, and a column of the last row is known', async () => {
  const content =
    '[{"n":1.0,"j":{"x":[12345678901234567890.10]},"s":"\\u00e7"},\n{"n":12345678901234567890,"j":"text","late":true}]';
  const { file, options } = await fileOf(content, 'json');
  expect(await describeFile(file, options)).toEqual({
    columns: [
      { name: 'n', type: 'number', nested: false },
      { name: 'j', type: 'string | json', nested: true },
      { name: 's', type: 'string', nested: false },
      { name: 'late', type: 'boolean', nested: false },
    ],
    rowCount: 2,
  });
  const columns = columnsOf({ late: 'boolean', n: 'integer', j: 'json', s: 'text' });
  const { text } = await readCopy(file, columns, options);
  expect(text).toBe('1\t\x01\t1\t{"x":[12345678901234567890.10]}\tç\n2\ttrue\t12345678901234567890\t"text"\t\x01\n');
});

test('what cannot be read on fails the stream with its place', async () => {
  const columns = columnsOf({ a: 'text' });
  const broken = await fileOf(`${'{"a":"x"}\n'.repeat(5000)}{"a":`, 'ndjson');
  await expect(readCopy(broken.file, columns, broken.options)).rejects.toMatchObject({ row: 5001 });
  const empty = await fileOf('', 'csv');
  await expect(readCopy(empty.file, columns, empty.options)).rejects.toMatchObject({ code: 'empty_file' });
  const other = await fileOf('b\n1\n', 'csv');
  await expect(readCopy(other.file, columns, other.options)).rejects.toMatchObject({ code: 'missing_column' });
  const many = await fileOf('a\n1\n2\n3\n', 'csv');
  const limited = readCopy(many.file, columns, { ...many.options, maxRows: 2 });
  await expect(limited).rejects.toMatchObject({ code: 'too_many_rows' });
});

test('a pair of quotes is a value in columns of text only', async () => {
  const { file, options } = await fileOf('t,n,d,l\n"","","",""\n,,,\n', 'csv');
  const targets = ['text', 'integer', 'date', 'array'] as const;
  const columns = targets.map((target, index) => ({ source: 'tndl'[index] as string, target }));
  const { text } = await readCopy(file, columns, options);
  expect(parseCopy(text)).toEqual([
    ['1', '', null, null, null],
    ['2', null, null, null, null],
  ]);
});
