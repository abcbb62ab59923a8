// Rows of a file that is read while somebody still writes it: the same as of the whole file, or none at all.
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AvroWriter } from './avro-writer.ts';
import { OutputFile } from './output-file.ts';
import { describeHead, type FileFormat, openCopyRows, ReadTooSoonError, type SourceFile } from './reader.ts';
import { makeFolder, readCopy } from './reader-test-kit.ts';

const ROWS = 40_000;
const TEXT = [
  { source: 'n', target: 'text' as const },
  { source: 't', target: 'text' as const },
];

const linesOf = (line: (n: number) => string) => Array.from({ length: ROWS }, (_row, n) => line(n)).join('');

async function avroBytes(folder: string): Promise<Buffer> {
  const output = new OutputFile(path.join(folder, 'avro'), null);
  const writer = new AvroWriter(output, [
    { name: 'n', kind: 'long' },
    { name: 't', kind: 'string' },
  ]);
  for (let row = 0; row < ROWS; row += 1) writer.write([`${row}`, Buffer.alloc(30, `${row * 7919} `).toString()]);
  writer.close();
  output.close();
  return readFile(path.join(folder, 'avro'));
}

/** A file of which all but the last KB is there, the rows that are read of it meanwhile, and what lets the rest come. */
async function arrive(bytes: Buffer, format: FileFormat, folder: string) {
  const options = { tempDirectory: folder };
  const file: SourceFile = { path: path.join(folder, 'a'), format };
  const there = bytes.length - 1000;
  await writeFile(file.path, bytes.subarray(0, there));
  const head = await describeHead(file, bytes.length, options);
  if (head === null) throw new Error('the first bytes said too little');
  const described = head.csv ? { ...file, csv: head.csv } : file;
  const whole = Promise.withResolvers<void>();
  const arriving = { bytes: bytes.length, columnCount: head.columns.length, whole: whole.promise };
  const rows = openCopyRows(described, TEXT, options, null, arriving);
  const chunks: Buffer[] = [];
  const begun = new Promise<void>((resolve) => rows.stream.once('data', () => resolve()));
  rows.stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => rows.stream.once('end', resolve).once('error', reject));
  ended.catch(() => {});
  return {
    file,
    options,
    head,
    rows,
    begun,
    ended,
    whole,
    text: () => Buffer.concat(chunks).toString(),
    rest: () => appendFile(file.path, bytes.subarray(there)),
  };
}

test.each([
  ['csv', (n: number) => `${n};"São ""${n}"" Tomé, ${'x'.repeat(n % 90)}"\r\n`],
  ['ndjson', (n: number) => `{"n":${n},"t":"São ${n} ${'x'.repeat(n % 90)}"}\n`],
  ['avro', null],
] as const)('%s: the rows that are here are read, and the end waits for the whole', async (format, line) => {
  const folder = await makeFolder();
  const bytes =
    line === null ? await avroBytes(folder) : Buffer.from((format === 'csv' ? 'n;t\r\n' : '') + linesOf(line));
  const arriving = await arrive(bytes, format, folder);
  const { file, options, head } = arriving;
  expect(head.columns.map(({ name }) => name)).toEqual(['n', 't']);
  expect(head.rowsGuess / ROWS).toBeGreaterThan(0.7);
  expect(head.rowsGuess / ROWS).toBeLessThan(1.5);
  await arriving.begun;
  await arriving.rest();
  // All is read by now, or soon; the rows must not end before somebody says that they are the right ones.
  const isEarly = await Promise.race([
    arriving.ended.then(() => true),
    new Promise((resolve) => setTimeout(() => resolve(false), 1500)),
  ]);
  expect(isEarly).toBe(false);
  arriving.whole.resolve();
  await arriving.ended;
  const { text, summary } = await readCopy(file, TEXT, options);
  expect(arriving.text() === text).toBe(true);
  expect(await arriving.rows.done).toMatchObject({ rowCount: ROWS, withheldRows: summary.withheldRows });
});

test.each([
  ['a column more', 'ndjson', linesOf((n) => `{"n":${n},"t":"x"${n === ROWS - 1 ? ',"late":true' : ''}}\n`)],
  ['a number that is none', 'ndjson', linesOf((n) => `{"n":${n === ROWS - 1 ? '01' : n},"t":"x"}\n`)],
  [
    'an accent of another encoding',
    'csv',
    `n;t\n${linesOf((n) => `${n};${n === ROWS - 1 ? 'S\xe3o' : 'Sao'} Tome\n`)}`,
  ],
  ['a quote within a field', 'csv', `n;t\n${linesOf((n) => `${n};"a${n === ROWS - 1 ? '"b' : ''}" longer\n`)}`],
] as const)('%s in the last row: the rows fail, to be read again', async (_what, format, text) => {
  const folder = await makeFolder();
  const arriving = await arrive(Buffer.from(text, 'latin1'), format, folder);
  await arriving.rest();
  arriving.whole.resolve();
  await expect(arriving.ended).rejects.toBeInstanceOf(ReadTooSoonError);
});

test('what makes the file another one ends its rows', async () => {
  const folder = await makeFolder();
  const text = linesOf((n) => `{"n":${n},"t":"${'x'.repeat(50)}"}\n`);
  const arriving = await arrive(Buffer.from(text), 'ndjson', folder);
  await arriving.begun;
  arriving.whole.reject(new Error('the line broke'));
  await expect(arriving.ended).rejects.toThrow('the line broke');
  await expect(arriving.rows.done).rejects.toThrow('the line broke');
});

test('no first bytes are asked for of JSON in one array and of Parquet', async () => {
  const folder = await makeFolder();
  const file = path.join(folder, 'a');
  await writeFile(file, '[{"n":1}]');
  for (const format of ['json', 'parquet'] as const) {
    expect(await describeHead({ path: file, format }, 9, { tempDirectory: folder })).toBeNull();
  }
});
