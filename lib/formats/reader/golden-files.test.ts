import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CellTarget, CopyColumn, CsvOptions, FileFormat } from './protocol.ts';
import { describeFile } from './reader.ts';
import { makeFolder, parseCopy, pickAll, readCopy } from './reader-test-kit.ts';

// Drop x.<format> and x.<format>.expected.json into the folder, and it is tested.

const FOLDER = path.join('tests', 'fixtures', 'golden');
const SUFFIX = '.expected.json';

interface Expected {
  /** How the CSV file is written, where detection is not what is tested. */
  csv?: Partial<CsvOptions>;
  /** Kind of PostgreSQL column a column goes to; text unless it is named here. */
  targets?: Record<string, CellTarget>;
  columns: { name: string; type: string }[];
  /** Cells as COPY gets them, unescaped; null is NULL. */
  rows: (string | null)[][];
  /** Rows that are withheld, by their numbers: the faults as `column code`. */
  withheld?: Record<string, string[]>;
}

/** What a file that cannot be read is refused with. */
interface Refused {
  refused: string;
  detail: string;
}

const names = readdirSync(FOLDER).filter((name) => !name.endsWith(SUFFIX));

describe('golden files', () => {
  test.each(names)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(path.join(FOLDER, name + SUFFIX), 'utf8')) as Expected | Refused;
    const tempDirectory = await makeFolder();
    const csv = 'csv' in expected ? expected.csv : undefined;
    const file = { path: path.join(FOLDER, name), format: path.extname(name).slice(1) as FileFormat, csv };
    if ('refused' in expected) {
      const reading = describeFile(file, { tempDirectory }).then(({ columns }) =>
        readCopy(file, asked(columns), { tempDirectory }),
      );
      await expect(reading).rejects.toMatchObject({
        code: expected.refused,
        detail: expect.stringContaining(expected.detail),
      });
      return;
    }
    const { columns } = await describeFile(file, { tempDirectory });
    const cells = asked(columns, expected.targets);
    const { text, summary } = await readCopy(file, cells, { tempDirectory });
    const withheld = await pickAll(file, cells, summary.withheldRowNumbers, { tempDirectory });
    expect({
      columns: columns.map((column) => ({ name: column.name, type: column.type })),
      rows: parseCopy(text).map(([, ...row]) => row),
      withheld: Object.fromEntries(
        withheld.map(({ row, faults }) => [String(row), faults.map(({ column, code }) => `${column} ${code}`)]),
      ),
    }).toEqual({ columns: expected.columns, rows: expected.rows, withheld: expected.withheld ?? {} });
  });
});

function asked(columns: { name: string }[], targets: Record<string, CellTarget> = {}): CopyColumn[] {
  return columns.map(({ name }) => ({ source: name, target: targets[name] ?? 'text' }));
}
