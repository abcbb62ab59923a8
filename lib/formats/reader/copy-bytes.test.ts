// Rows copied from byte to byte are those that the scanners find, or are left to them.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CsvOptions } from '../csv-scanner.ts';
import { CELL_KINDS } from '../row-batch.ts';
import { surveyJson } from '../survey-json.ts';
import { surveyNdjson } from './copy-ndjson.ts';
import { CopyTally } from './copy-tally.ts';
import { CopyWriter } from './copy-text.ts';
import { bytesOf } from './file-blocks.ts';
import type { CellTarget, CopyColumn, SourceFile } from './protocol.ts';
import { makeFolder } from './reader-test-kit.ts';
import { copyRows, copyScannedRows } from './text-reader.ts';

/** A few in every run; `CARGA_TEST_COPIES=20000` for the figure of a release. */
const RUNS = Number(process.env.CARGA_TEST_COPIES ?? 100);
const LIMITS = { memoryLimitBytes: 2 ** 30, maxRows: null, maxOutputBytes: null };
const TARGETS: CellTarget[] = ['text', 'integer', 'number', 'date', 'timestamp', 'array', 'integerArray', 'json'];
/** Each run writes files, on a machine that others may keep busy. */
const TIMEOUT_MS = 120_000;

type Copied = { fault: string } | { text: string; count: CopyTally['count'] };

async function copied(output: string, copy: (writer: CopyWriter, tally: CopyTally) => Promise<void>): Promise<Copied> {
  const writer = new CopyWriter(output);
  const tally = new CopyTally(1, LIMITS);
  try {
    await copy(writer, tally);
  } catch (error) {
    return { fault: JSON.stringify(error) };
  } finally {
    writer.close();
  }
  return { text: await readFile(output, 'latin1'), count: tally.count };
}

/** Reads a file in both ways; how many rows the scanner had no part in. */
async function expectSame(file: SourceFile, columns: CopyColumn[], output: string): Promise<boolean> {
  let isWhole = false;
  const byBytes = await copied(output, async (writer, tally) => {
    isWhole = await copyRows(file, columns, writer, null, tally);
  });
  expect(byBytes).toEqual(await copied(output, (writer, tally) => copyScannedRows(file, columns, writer, null, tally)));
  return isWhole;
}

const spoilt = fc.array(fc.tuple(fc.nat(), fc.constantFrom('"', '\n', '\r', '\0', '\x01', '\\', '\xff', ' ', '')), {
  maxLength: 1,
});

/** Changes a byte of a text. */
function spoil(text: string, faults: [number, string][]): Buffer {
  let bytes = Buffer.from(text);
  for (const [at, by] of faults) {
    const place = at % (bytes.length + 1);
    bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(by, 'latin1'), bytes.subarray(place + 1)]);
  }
  return bytes;
}

test('CSV', { timeout: TIMEOUT_MS }, async () => {
  const folder = await makeFolder();
  const field = fc.constantFrom(
    ...['', '', ' ', 'x', '""', '" "', '"a""b"', '""""', '"\n"', '"\r\n"', '"x\r"', '";"', '"a" ', '"b"\t', 'a"b', 'é'],
    ...['\\.', '\\N', '\x01', '"\x01"', '\t', '"\t\\"', '1.234,56', '-12', '12', '2024-01-02', '2024-1-2', '3/4/2024'],
    ...['2024-01-02 10:11', '2024-01-02T1\u00a0', '[1, "x"]', '"[1.0,null]"', '"[""a""]"', '\u00a0', '\ufdd0q', '😀'],
  );
  const rows = fc.array(fc.array(field, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 });
  const odd = fc.array(fc.tuple(fc.nat(), fc.array(field, { maxLength: 4 })), { maxLength: 1 });
  const targets = fc.array(fc.constantFrom(...TARGETS), { minLength: 3, maxLength: 3 });
  const options = fc.record({
    newline: fc.constantFrom('\n', '\r\n', '\r'),
    decimal: fc.constantFrom('.', ','),
    dateFormat: fc.constantFrom('yyyy-mm-dd', 'dd/mm/yyyy'),
    header: fc.boolean(),
  });
  let whole = 0;
  await fc.assert(
    fc.asyncProperty(
      rows,
      odd,
      targets,
      options,
      fc.boolean(),
      spoilt,
      async (sound, others, kinds, csv, ends, faults) => {
        const all = [...sound];
        for (const [at, row] of others) all.splice(at % all.length, 0, row);
        const head = csv.header ? `a;b;c${csv.newline}` : '';
        const text = head + all.map((row) => row.join(';')).join(csv.newline) + (ends ? csv.newline : '');
        const file: SourceFile = {
          path: path.join(folder, 'a.csv'),
          format: 'csv',
          csv: { ...csv, delimiter: ';', encoding: 'utf-8' } as CsvOptions,
        };
        await writeFile(file.path, spoil(text, faults));
        // In another order than the file has them, and one that it has not.
        const names = csv.header ? ['c', 'a', 'b'] : ['column_3', 'column_1', 'column_2'];
        const columns = names.map((source, index) => ({ source, target: kinds[index] as CellTarget }));
        if (await expectSame(file, columns, path.join(folder, 'out'))) whole += 1;
      },
    ),
    { seed: 1, numRuns: RUNS },
  );
  expect(whole).toBeGreaterThan(RUNS / 3);
});

test('NDJSON', { timeout: TIMEOUT_MS }, async () => {
  const folder = await makeFolder();
  const value = fc.oneof(
    fc.constantFrom(
      ...[
        'null',
        'true',
        '0',
        '-0.0',
        '7.0',
        '7.50',
        '100',
        '1e10',
        '1.0e05',
        '12345678901234567890.10',
        '01',
        '1.',
        'nul',
      ],
      ...[
        '""',
        '"x"',
        '"é"',
        '"\\u0000"',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        '"a\\"b\\\\n"',
        '"\\n"',
        '"\x7f"',
        '"[1,2]"',
      ],
      ...['{}', '[]', '[1, "a",\n {"x" : [null]}]', '{"a":"\\\\"}', '[1.0,2]', '{"a" 1}', '😀', '"\u2028"'],
    ),
    fc.json({ maxDepth: 2 }),
  );
  const key = fc.constantFrom('a', 'b', 'c', 'ç', '\\u0061', 'a\\nb', '');
  const space = fc.constantFrom('', '', '', ' ', '\n');
  const row = fc
    .tuple(fc.array(fc.tuple(key, value), { maxLength: 4 }), space)
    .map(
      ([members, blank]) => `{${members.map(([name, cell]) => `"${name}"${blank}:${blank}${cell}`).join(`,${blank}`)}}`,
    );
  const file: SourceFile = { path: path.join(folder, 'a.ndjson'), format: 'ndjson' };
  let whole = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\n \n', ' ', ''),
      fc.array(fc.constantFrom(...TARGETS), { minLength: 4, maxLength: 4 }),
      spoilt,
      async (rows, between, targets, faults) => {
        await writeFile(file.path, spoil(rows.join(between), faults));
        const columns = ['b', 'ç', 'a', 'none'].map((source, index) => ({
          source,
          target: targets[index] as CellTarget,
        }));
        if (!(await expectSame(file, columns, path.join(folder, 'out')))) return;
        whole += 1;
        const survey = await surveyNdjson({ path: file.path }, null);
        if (survey === null) return;
        const scanned = await surveyJson(bytesOf({ path: file.path }), { lines: true });
        expect(survey.rowCount).toBe(scanned.rowCount);
        expect(survey.columns).toEqual(
          scanned.columns.map(({ name, counts }) => {
            const kinds = CELL_KINDS.reduce(
              (bits, kind, code) => bits | (code > 0 && counts[kind] > 0 ? 1 << code : 0),
              0,
            );
            return { name, kinds };
          }),
        );
      },
    ),
    { seed: 1, numRuns: RUNS },
  );
  expect(whole).toBeGreaterThan(RUNS / 10);
});
