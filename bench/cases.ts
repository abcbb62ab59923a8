/** Formats the rows can be loaded from. */
export const FORMATS = ['parquet', 'avro', 'csv', 'ndjson'] as const;
export type BenchFormat = (typeof FORMATS)[number];

/** A file and the table it meets. SQL is DuckDB's, over `i`, the row's number from 0, and `total`, their count. */
export interface BenchCase {
  title: string;
  /** Rows that are in the table before, by their `i`; null: none. */
  base: string | null;
  /** Whether row `i` of the file differs from what the table may have. */
  changed: string;
  op: string;
  /** The number the key of row `i` is made from. */
  key: string;
  /** Columns whose cell is spoilt, by column: what stands there instead in some rows. */
  spoilt: Record<string, string>;
  /** Rows of the file that cannot be accepted. */
  isBad: string;
  /** Outcomes of `rows` rows. */
  expected(rows: number): Record<string, number>;
}

const CLEAN = { key: 'i', spoilt: {}, isBad: 'false' };
const MIXED_OP = `CASE WHEN i % 10 = 0 THEN 'D' WHEN i % 10 < 5 THEN 'U' ELSE 'I' END`;
// One row in a hundred, each kind at another place: two are refused by COPY, three by checks.
const SPOILT = {
  id: `CASE WHEN i % 500 = 7 THEN 'zz' || id WHEN i % 500 = 202 THEN NULL ELSE id END`,
  tipo: `CASE WHEN i % 500 = 101 THEN 99999 ELSE tipo END`,
  nome: `CASE WHEN i % 500 = 303 THEN NULL ELSE nome END`,
  op: `CASE WHEN i % 500 = 404 THEN 'X' ELSE op END`,
};

/** All cases by name. */
export const CASES = {
  empty: {
    ...CLEAN,
    title: 'into an empty table',
    base: null,
    changed: 'false',
    op: `CASE WHEN i % 4 = 0 THEN NULL ELSE 'I' END`,
    expected: (rows) => ({ inserted: rows }),
  },
  changed: {
    ...CLEAN,
    title: '100 % changed',
    base: 'true',
    changed: 'true',
    op: `'U'`,
    expected: (rows) => ({ updated: rows }),
  },
  unchanged: {
    ...CLEAN,
    title: '100 % unchanged',
    base: 'true',
    changed: 'false',
    op: 'NULL',
    expected: (rows) => ({ unchanged: rows }),
  },
  mixed: {
    ...CLEAN,
    title: '10 % deleted, 40 % updated, 50 % inserted',
    base: 'i % 10 < 5',
    changed: 'true',
    op: MIXED_OP,
    expected: (rows) => ({ deleted: rows * 0.1, updated: rows * 0.4, inserted: rows * 0.5 }),
  },
  bad: {
    title: 'the mixed rows, 1 % of them bad',
    base: 'i % 10 < 5',
    changed: 'true',
    op: MIXED_OP,
    key: 'i',
    spoilt: SPOILT,
    isBad: 'i % 500 IN (7, 101, 202, 303, 404)',
    expected: (rows) => ({ rejected: rows * 0.01 }),
  },
  refused: {
    ...CLEAN,
    title: 'the mixed rows, half of them refused by COPY',
    base: 'i % 10 < 5',
    changed: 'true',
    op: MIXED_OP,
    spoilt: { id: `CASE WHEN i % 2 = 1 THEN 'zz' || id ELSE id END` },
    isBad: 'i % 2 = 1',
    expected: (rows) => ({ rejected: rows * 0.5 }),
  },
  skipped: {
    title: 'the mixed rows, 1 % bad, 5 % twice, 10 % with nothing to delete',
    base: 'i % 10 BETWEEN 1 AND 4',
    changed: 'true',
    op: MIXED_OP,
    key: 'CASE WHEN i >= total * 0.95 THEN i - total // 2 ELSE i END',
    spoilt: SPOILT,
    isBad: 'i % 500 IN (7, 101, 202, 303, 404)',
    expected: (rows) => ({ rejected: rows * 0.01 }),
  },
} satisfies Record<string, BenchCase>;
export type CaseName = keyof typeof CASES;
