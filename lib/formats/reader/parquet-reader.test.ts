import path from 'node:path';
import { expect, test } from 'vitest';
import type { CellTarget } from './protocol.ts';
import { describeFile, type SourceFile } from './reader.ts';
import { makeFolder, parseCopy, pickAll, readCopy, textColumns, writeParquet } from './reader-test-kit.ts';

async function parquetOf(select: string, options = '', name = 'a.parquet') {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, name), format: 'parquet' };
  await writeParquet(file.path, select, options);
  return { file, options: { tempDirectory: folder } };
}

test('hands every byte of a text on, NULL and the empty text apart', async () => {
  const texts = [
    '',
    '\\N',
    '\\.',
    '\x01',
    '\x02',
    '"',
    "'",
    '\\',
    '\t',
    '\n',
    '\r\n',
    'a\\tb',
    '😀 ç \u202e',
    ',;',
    '\x7f',
    '\\x01',
  ];
  const codes = [...texts, Array.from({ length: 255 }, (_, index) => String.fromCharCode(index + 1)).join('')];
  const list = codes.map((text) => `[${Array.from(text, (c) => c.codePointAt(0)).join(',')}]::INTEGER[]`).join(', ');
  const { file, options } = await parquetOf(
    `SELECT CASE WHEN i = 99 THEN NULL ELSE array_to_string(list_transform(x, lambda c: chr(c)), '') END AS s
      FROM (SELECT 99 AS i, []::INTEGER[] AS x UNION ALL SELECT 1, unnest([${list}]))`,
  );
  const { text, summary } = await readCopy(file, [{ source: 's', target: 'text' }], options);
  expect(parseCopy(text).map(([, cell]) => cell)).toEqual([null, ...codes]);
  expect(parseCopy(text).map(([row]) => Number(row))).toEqual(
    codes.map((_, index) => index + 1).concat(codes.length + 1),
  );
  expect(summary).toMatchObject({ rowCount: codes.length + 1, withheldRows: 0 });
  const picked = await pickAll(file, [{ source: 's', target: 'text' }], [1, 2, 9], options);
  expect(picked.map(({ cells }) => cells[0])).toEqual([null, '', '\\']);
});

test('writes each type as PostgreSQL reads it, exactly', async () => {
  const values: [sql: string, target: CellTarget, cell: string | null][] = [
    ['(-9223372036854775808)::BIGINT', 'number', '-9223372036854775808'],
    ['18446744073709551615::UBIGINT', 'number', '18446744073709551615'],
    ['99999999999999999999999999999.999999999::DECIMAL(38,9)', 'number', '99999999999999999999999999999.999999999'],
    ['7.00::DECIMAL(10,2)', 'integer', '7'],
    ['7.50::DECIMAL(10,2)', 'integer', '7.50'],
    ['7.00::DECIMAL(10,2)', 'number', '7.00'],
    ['0.5::DECIMAL(9,9)', 'number', '0.500000000'],
    ['(-0.5)::DECIMAL(4,4)', 'json', '-0.5000'],
    ['0::DECIMAL(4,4)', 'integer', '0'],
    ['[0.5::DECIMAL(38,38)]', 'json', `[0.5${'0'.repeat(37)}]`],
    ['0.1::FLOAT', 'number', '0.1'],
    ['1.0::DOUBLE', 'integer', '1'],
    ['1e300::DOUBLE', 'number', '1e+300'],
    ['5e-324::DOUBLE', 'number', '5e-324'],
    ['9007199254740993::DOUBLE', 'number', '9007199254740992'],
    ["'nan'::DOUBLE", 'number', 'NaN'],
    ["'-inf'::FLOAT", 'number', '-Infinity'],
    ["'-0.0'::DOUBLE", 'number', '-0'],
    ['NULL::DOUBLE', 'number', null],
    ['true', 'boolean', 'true'],
    ["DATE '0044-03-15 (BC)'", 'date', '0044-03-15 (BC)'],
    ["DATE 'infinity'", 'date', 'infinity'],
    ["TIMESTAMP '2024-01-02 03:04:05.000001'", 'timestamp', '2024-01-02 03:04:05.000001'],
    ["TIMESTAMP '2024-01-02 00:00:00'", 'date', '2024-01-02 00:00:00'],
    ["TIMESTAMP '-infinity'", 'timestamp', '-infinity'],
    ["TIMESTAMP_NS '2024-01-02 03:04:05.123456'", 'timestamp', '2024-01-02 03:04:05.123456'],
    ["TIMESTAMP_NS '2024-01-02 03:04:05.123456789'", 'text', '2024-01-02 03:04:05.123456789'],
    ['make_timestamp_ns(-9223372036854000000)', 'timestamp', '1677-09-21 00:12:43.146'],
    ['[make_timestamp_ns(-9223372036854000001)]', 'json', '["1677-09-21T00:12:43.145999999"]'],
    ["TIMESTAMPTZ '2024-01-02 03:04:05-03'", 'timestamp', '2024-01-02 06:04:05+00'],
    ["TIMESTAMPTZ '2024-01-02 03:04:05-03'", 'json', '"2024-01-02T06:04:05Z"'],
    ["TIME '23:59:59.999999'", 'other', '23:59:59.999999'],
    ["INTERVAL '14 months 3 days 1.5 seconds'", 'other', '1 year 2 months 3 days 00:00:01.5'],
    ["'c2d1c02e-6c3a-4b0c-9d84-2b9f1a0e8e11'::UUID", 'other', 'c2d1c02e-6c3a-4b0c-9d84-2b9f1a0e8e11'],
    ["'b'::ENUM('a', 'b')", 'text', 'b'],
    ["'\\x00\\xFFa'::BLOB", 'bytea', '\\x00ff61'],
    ["encode('ção')", 'text', 'ção'],
    ['12.50::DECIMAL(4,2)', 'json', '12.50'],
    ['\'{"a":1.00,"b":12345678901234567890}\'::JSON', 'json', '{"a":1.00,"b":12345678901234567890}'],
    ['\'"raw"\'', 'json', '"raw"'],
    ['[1.10::DECIMAL(10,2), NULL]', 'json', '[1.10,null]'],
    ["{'a': 9223372036854775807, 'b': [{'c': 0.1::DOUBLE}]}", 'text', '{"a":9223372036854775807,"b":[{"c":0.1}]}'],
    ["MAP {'k\"': 'v\\', 'z': NULL}", 'json', '{"k\\"":"v\\\\","z":null}'],
    ["{'j': '{\"x\":1.000000000000000000000001}'::JSON}", 'json', '{"j":{"x":1.000000000000000000000001}}'],
    ["{'b': '\\xFF'::BLOB, 'd': DATE '2024-01-02'}", 'json', '{"b":"\\\\xff","d":"2024-01-02"}'],
    ['[]::INTEGER[]', 'json', '[]'],
    ['NULL::STRUCT(a INTEGER)', 'json', null],
  ];
  const { file, options } = await parquetOf(`SELECT ${values.map(([sql], index) => `${sql} AS c${index}`).join(', ')}`);
  const columns = values.map(([, target], index) => ({ source: `c${index}`, target }));
  const { text } = await readCopy(file, columns, options);
  expect(parseCopy(text)[0]?.slice(1)).toEqual(values.map(([, , cell]) => cell));
  const [picked] = await pickAll(file, columns, [1], options);
  expect(picked?.cells).toEqual(values.map(([, , cell]) => cell));
  expect(picked?.faults).toEqual([]);
  expect(() => JSON.parse(picked?.dataJson as string)).not.toThrow();
});

test('withholds rows that PostgreSQL cannot be asked about, and says why', async () => {
  const { file, options } = await parquetOf(
    `SELECT * FROM (VALUES
      ('ok', 'ok'::BLOB, TIMESTAMP_NS '2024-01-02 00:00:00'),
      ('nul' || chr(0), 'ok'::BLOB, NULL),
      (NULL, '\\xC3'::BLOB, NULL),
      ('ns', NULL, TIMESTAMP_NS '2024-01-02 00:00:00.000000001'),
      ('time', NULL, TIMESTAMP_NS '2024-01-02 12:00:00'),
      ('last', NULL, NULL)) t(s, b, t)`,
  );
  const columns = [
    { source: 's', target: 'text' as const },
    { source: 'b', target: 'text' as const },
    { source: 't', target: 'date' as const },
  ];
  const { text, summary } = await readCopy(file, columns, options);
  expect(text).toBe('1\tok\tok\t2024-01-02 00:00:00\n6\tlast\t\x01\t\x01\n');
  expect(summary).toMatchObject({ rowCount: 6, withheldRows: 4, withheldRowNumbers: [2, 3, 4, 5] });
  const picked = await pickAll(file, columns, [2, 3, 4, 5, 6, 700], options);
  expect(picked.map(({ row, faults: [fault] }) => [row, fault?.column, fault?.code])).toEqual([
    [2, 's', 'nul_character'],
    [3, 'b', 'invalid_utf8'],
    [4, 't', 'precision_lost'],
    [5, 't', 'precision_lost'],
    [6, undefined, undefined],
  ]);
  expect(picked[0]?.dataJson).toBe('{"s":"nul␀","b":"ok","t":null}');
  expect(picked[0]?.cells).toEqual([null, 'ok', null]);
  expect(picked[1]?.dataJson).toBe('{"s":null,"b":"\\\\xc3","t":null}');
});

test('reads columns of any name', async () => {
  const names = [
    'a"b',
    "a'b",
    '";DROP TABLE x;--',
    'a.b',
    'x'.repeat(70),
    '__proto__',
    'select',
    '*',
    '😀',
    'a\nb',
    'a\\b',
    ' ',
    '%',
    'file_row_number',
    'filename',
    '1',
    '$1',
    '?',
    'constructor',
    'COLUMNS',
    'c0',
    'n',
    'v0',
    '\u202e',
  ];
  const { file, options } = await parquetOf(
    `SELECT ${names.map((name, index) => `${index} AS "${name.replaceAll('"', '""')}"`).join(', ')}`,
    '',
    "we'ird [a]*?=1.parquet",
  );
  const description = await describeFile(file, options);
  expect(description.columns.map(({ name }) => name)).toEqual(names);
  const columns = names.map((source) => ({ source, target: 'number' as const })).reverse();
  const { text } = await readCopy(file, columns, options);
  expect(text).toBe(
    `1\t${names
      .map((_, index) => index)
      .reverse()
      .join('\t')}\n`,
  );
  const [picked] = await pickAll(file, columns, [1], options);
  expect(Object.keys(JSON.parse(picked?.dataJson as string)).toSorted()).toEqual(names.toSorted());
  const missing = readCopy(file, [{ source: 'SELECT', target: 'text' }], options);
  await expect(missing).rejects.toMatchObject({ code: 'missing_column' });
});

test.each([
  ['ZSTD', "CODEC 'zstd', PARQUET_VERSION v2"],
  ['GZIP', "CODEC 'gzip', PARQUET_VERSION v1"],
  ['LZ4', "CODEC 'lz4_raw', ROW_GROUP_SIZE 2048"],
  ['none', "CODEC 'uncompressed', ROW_GROUP_SIZE 200000"],
])('reads %s pages in the order of the file', async (_codec, codecOptions) => {
  const { file, options } = await parquetOf(
    "SELECT i, 'x' || (i % 7) AS s, [i, i + 1] AS l FROM range(100000) t(i)",
    codecOptions,
  );
  const columns = await textColumns(file, options);
  const { text, summary } = await readCopy(file, columns, options);
  const expected = Array.from({ length: 100_000 }, (_, i) => `${i + 1}\t${i}\tx${i % 7}\t[${i},${i + 1}]\n`).join('');
  expect(text === expected).toBe(true);
  expect(summary.rowCount).toBe(100_000);
  expect(summary.peakMemoryBytes).toBeGreaterThan(10 << 20);
});
