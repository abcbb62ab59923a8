import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CsvOptions } from '../csv-scanner.ts';
import { detectCsv } from '../detect-csv.ts';
import { AvroWriter } from './avro-writer.ts';
import { OutputFile } from './output-file.ts';
import type { FileChunk } from './protocol.ts';
import { describeFile, type FileFormat, type SourceFile } from './reader.ts';
import { makeFolder, readCopy, writeParquet } from './reader-test-kit.ts';
import { splitCsv } from './survey-csv.ts';
import { copyText } from './text-reader.ts';

const NO_LIMITS = { memoryLimitBytes: 2 ** 30, maxRows: null, maxOutputBytes: null };

/** Reads a file whole and in chunks: the same rows with the same numbers must come. */
async function expectSameRows(file: SourceFile, chunkRows: number, tempDirectory: string): Promise<FileChunk[]> {
  const options = { tempDirectory };
  const { columns, chunks, rowCount, csv } = await describeFile(file, { ...options, chunkRows });
  if (!chunks) throw new Error('the file was not divided');
  const fileColumns = columns.map(({ name }) => name);
  const asText = fileColumns.map((source) => ({ source, target: 'text' as const }));
  const whole = await readCopy(file, asText, options);
  expect(rowCount).toBe(whole.summary.rowCount);
  const parts = [];
  for (const chunk of chunks) parts.push(await readCopy({ ...file, csv }, asText, options, { ...chunk, fileColumns }));
  expect(parts.map(({ text }) => text).join('')).toBe(whole.text);
  expect(parts.map(({ summary }) => summary.rowCount)).toEqual(chunks.map((chunk) => chunk.rowCount));
  expect(parts.flatMap(({ summary }) => summary.withheldRowNumbers)).toEqual(whole.summary.withheldRowNumbers);
  return chunks;
}

async function fileOf(content: string | Uint8Array, format: FileFormat) {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a'), format };
  await writeFile(file.path, content);
  return { file, folder };
}

test('Parquet is divided between row groups', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await writeParquet(
    file.path,
    `SELECT i, CASE WHEN i % 1000 = 7 THEN 'a' || chr(0) ELSE 'é ' || i END AS t FROM range(50000) r(i)`,
    'ROW_GROUP_SIZE 2048',
  );
  const chunks = await expectSameRows(file, 10_000, folder);
  expect(chunks.map(({ rowCount }) => rowCount)).toEqual([10_240, 10_240, 10_240, 10_240, 9040]);
  expect((await describeFile(file, { tempDirectory: folder, chunkRows: 25_001 })).chunks ?? null).toBeNull();
});

test('one large row group stays whole', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await writeParquet(file.path, 'SELECT i FROM range(10000) r(i)', 'ROW_GROUP_SIZE 20480');
  expect((await describeFile(file, { tempDirectory: folder, chunkRows: 1000 })).chunks ?? null).toBeNull();
});

test('Avro is divided between blocks', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.avro'), format: 'avro' };
  const output = new OutputFile(file.path, null);
  const writer = new AvroWriter(output, [
    { name: 'n', kind: 'long' },
    { name: 't', kind: 'string' },
  ]);
  for (let row = 0; row < 20_000; row += 1) writer.write([`${row}`, `texto ${row} ${'x'.repeat(row % 50)}`]);
  writer.close();
  output.close();
  expect((await expectSameRows(file, 3000, folder)).length).toBeGreaterThan(2);
});

test.each([
  ['\n', 'utf-8', ''],
  ['\r\n', 'utf-8', '\ufeff'],
  ['\r\n', 'latin1', ''],
  ['\r', 'utf-8', ''],
] as const)('CSV with %j in %s is divided between rows, quoted line breaks or not', async (newline, encoding, mark) => {
  const rows = Array.from({ length: 2500 }, (_row, row) =>
    [
      row,
      row % 3 ? 'São Tomé' : `"duas${newline}linhas; ""e aspas"""`,
      row % 7 ? '' : '5" de cano',
      ...(row % 500 ? [] : ['a mais']),
    ].join(';'),
  );
  rows.splice(100, 0, '', '   ');
  const text = `${mark}id;nome;medida${newline}${rows.join(newline)}${newline.repeat(2)}`;
  const { file, folder } = await fileOf(Buffer.from(text, encoding), 'csv');
  const chunks = await expectSameRows(file, 600, folder);
  expect(chunks.map(({ rowCount }) => rowCount)).toEqual([600, 600, 600, 600, 100]);
});

test('CSV whose quotes are wrong, or whose letters may look like quotes, stays whole', async () => {
  const rows = `1;"aberta\n${'2;x\n'.repeat(1000)}`;
  const wrong = await fileOf(`a;b\n${rows}3;"fim" y\n`, 'csv');
  expect((await describeFile(wrong.file, { tempDirectory: wrong.folder, chunkRows: 100 })).chunks ?? null).toBeNull();
  const japanese = await fileOf(`a;b\n${'2;x\n'.repeat(1000)}`, 'csv');
  const file = { ...japanese.file, csv: { encoding: 'shift_jis' } };
  expect((await describeFile(file, { tempDirectory: japanese.folder, chunkRows: 100 })).chunks ?? null).toBeNull();
});

test('NDJSON is divided between rows, whatever stands in them', async () => {
  const row = (n: number) =>
    n % 2
      ? JSON.stringify({ n, 'a}\n{': '}\n{"n":1}', l: [{ a: 1 }, { b: 2 }] })
      : `{"n":${n},\n "l":[{"a":1},\n\n{"b":2}]\n}\r\n`;
  const rows = Array.from({ length: 3000 }, (_row, n) => row(n));
  rows[1500] = '{"so_aqui":"\u00e7"}';
  const { file, folder } = await fileOf(`\ufeff${rows.join('\n \n')}`, 'ndjson');
  const chunks = await expectSameRows(file, 1000, folder);
  expect(chunks.map(({ rowCount }) => rowCount)).toEqual([1000, 1000, 1000]);
});

test.each([
  ['csv', (n: number) => `${n};"São ""${n}"" Tomé"\r\n`],
  ['ndjson', (n: number) => `{"n":${n},"t":"São ${n}"${n === 1999 ? ',"late":true' : ''}}\n`],
  ['json', (n: number) => `${n === 0 ? '[' : ','}{"n":${n},"t":[${n}]}${n === 1999 ? ']' : ''}`],
] as const)('%s that is still arriving is described as the whole file', async (format, row) => {
  const text = (format === 'csv' ? 'n;t\r\n' : '') + Array.from({ length: 2000 }, (_row, n) => row(n)).join('');
  const bytes = Buffer.from(text);
  const { file, folder } = await fileOf('', format);
  const options = { tempDirectory: folder, chunkRows: 700 };
  const description = describeFile(file, { ...options, arrivingBytes: bytes.length });
  for (let at = 0; at < bytes.length; at += 9973) {
    await appendFile(file.path, bytes.subarray(at, at + 9973));
    await sleep(10);
  }
  expect(await description).toEqual(await describeFile(file, options));
});

test('NDJSON is divided between two rows on a line', async () => {
  const { file, folder } = await fileOf('{"a":1} {"a":2}\n'.repeat(500), 'ndjson');
  expect((await expectSameRows(file, 333, folder)).map(({ rowCount }) => rowCount)).toEqual([333, 333, 333, 1]);
});

test('any CSV is divided where the scanner ends its rows, or not at all', { timeout: 120_000 }, async () => {
  const folder = await makeFolder();
  const file = path.join(folder, 'a.csv');
  const output = path.join(folder, 'out');
  const cell = fc.oneof(
    {
      weight: 60,
      arbitrary: fc.constantFrom('', ' ', 'x', '""', '" "', '"a""b"', '"\n"', '"\r\n"', '";"', '"a" ', 'é'),
    },
    { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom('a', '"', ';', '\n', '\r', ' ', '\t', '\u00a0') }) },
  );
  const table = fc.array(
    fc.oneof(
      { weight: 12, arbitrary: fc.array(cell, { minLength: 2, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom([''], ['x'], [' '], ['\u00a0']) },
    ),
    { minLength: 12, maxLength: 24 },
  );
  let divided = 0;
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), async (rows, newline, header) => {
      const text = `a;b;c${newline}${rows.map((row) => row.join(';')).join(newline)}`;
      await writeFile(file, text);
      const csv: CsvOptions = { ...detectCsv(Buffer.from(text)), delimiter: ';', encoding: 'utf-8', newline, header };
      const chunks = await splitCsv({ path: file }, csv, 3);
      if (chunks === null) return;
      divided += 1;
      const fileColumns = header ? ['a', 'b', 'c'] : ['column_1', 'column_2', 'column_3'];
      const columns = fileColumns.map((source) => ({ source, target: 'text' as const }));
      const read = async (chunk: FileChunk | null) => {
        const part = chunk && { ...chunk, fileColumns };
        await copyText({ path: file, format: 'csv', csv }, columns, output, NO_LIMITS, part);
        return readFile(output, 'utf8');
      };
      const parts = [];
      for (const chunk of chunks) parts.push(await read(chunk));
      expect(parts.join('')).toBe(await read(null));
    }),
    { seed: 1, numRuns: 150 },
  );
  expect(divided).toBeGreaterThan(40);
});
