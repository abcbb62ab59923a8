import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CellTarget, CsvOptions, FileFormat } from './protocol.ts';
import { describeFile } from './reader.ts';
import { makeFolder, parseCopy, readCopy } from './reader-test-kit.ts';

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
}

const names = readdirSync(FOLDER).filter((name) => !name.endsWith(SUFFIX));

describe('golden files', () => {
  test.each(names)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(path.join(FOLDER, name + SUFFIX), 'utf8')) as Expected;
    const tempDirectory = await makeFolder();
    const file = {
      path: path.join(FOLDER, name),
      format: path.extname(name).slice(1) as FileFormat,
      csv: expected.csv,
    };
    const { columns } = await describeFile(file, { tempDirectory });
    const asked = columns.map((column) => ({ source: column.name, target: expected.targets?.[column.name] ?? 'text' }));
    const { text } = await readCopy(file, asked, { tempDirectory });
    const rows = parseCopy(text).map(([, ...cells]) => cells);
    expect({ columns: columns.map((column) => ({ name: column.name, type: column.type })), rows }).toEqual({
      columns: expected.columns,
      rows: expected.rows,
    });
  });
});
