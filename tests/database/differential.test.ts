import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import type { FileFormat } from '#lib/job/job-states.ts';
import type { CellValue, ColumnKind } from '../support/column-kind.ts';
import { columnKinds } from '../support/column-kinds.ts';
import { createLoadHarness, type LoadHarness, type LoadOutcome } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';
import { Random } from '../support/random.ts';
import { avroOf, convertedOf, csvOf, jsonOf, ndjsonOf, parquetOf } from '../support/row-files.ts';
import { type FileClass, type GeneratedFile, RowGenerator } from '../support/row-generator.ts';
import { Canonicaliser, TableModel } from '../support/table-model.ts';

const CSV = { delimiter: ',', encoding: 'utf-8', decimal: '.', dateFormat: 'yyyy-MM-dd' } as const;

/** DuckDB writes one of 0 and -0, of 1 day and 24 hours, into a dictionary for both. */
const NO_DICTIONARY = ', dictionary_size_limit 0';

const SEED = 20261122;
const ROWS_PER_FILE = 1260;

const FILES: {
  name: string;
  format: FileFormat;
  fileClass: FileClass;
  write: (file: GeneratedFile) => Promise<Buffer> | Buffer;
}[] = [
  { name: 'NDJSON', format: 'ndjson', fileClass: 'json', write: ndjsonOf },
  { name: 'CSV', format: 'csv', fileClass: 'csv', write: csvOf },
  { name: 'Parquet, columns of text', format: 'parquet', fileClass: 'text', write: (file) => parquetOf(file, 'text') },
  {
    name: 'Parquet, typed columns',
    format: 'parquet',
    fileClass: 'typed',
    write: (file) => parquetOf(file, 'typed', NO_DICTIONARY),
  },
  { name: 'Avro, typed columns', format: 'avro', fileClass: 'typed', write: avroOf },
  { name: 'JSON', format: 'json', fileClass: 'json', write: jsonOf },
  {
    name: 'Parquet converted from NDJSON',
    format: 'parquet',
    fileClass: 'json',
    write: (file) => convertedOf(ndjsonOf(file), 'ndjson'),
  },
  {
    name: 'Parquet converted from CSV',
    format: 'parquet',
    fileClass: 'csv',
    write: (file) => convertedOf(csvOf(file), 'csv'),
  },
];

const keyText = (text: string): CellValue => ({ text });
const KEY: ColumnKind[] = [
  {
    name: 'k_number',
    type: 'bigint',
    good: [],
    bad: [keyText('x'), keyText('')],
    more: (random) => {
      const text = String(random.integer(9007199254740980, 9007199254740980 + 100));
      return { text, json: text };
    },
    duckdb: 'CAST($ AS BIGINT)',
    avro: { type: 'long', encode: ({ text }) => BigInt(text) },
    typed: (value) => (/^\d+$/.test(value.text) ? value : null),
  },
  {
    name: 'k_text',
    type: 'text',
    good: [],
    bad: [keyText('a\0')],
    more: (random) =>
      keyText(random.pick(['', ' ', 'a', 'A', 'á', 'a\u0301', '\\N', '\\.', '\n', '😀', 'x\ty', 'null'])),
    duckdb: '$',
    avro: { type: 'string', encode: ({ text }) => text },
    typed: (value) => value,
  },
];

function outcomesOf({ stage }: LoadOutcome): string[] {
  return stage.map(({ row, status, faults }) =>
    status === 'ER'
      ? `${row} ER ${faults
          .map(({ column, code }) => `${column} ${code}`)
          .sort()
          .join(', ')}`
      : `${row} SK ${faults[0]?.code}${faults[0]?.code === 'duplicate_key' ? ` ${faults[0].message}` : ''}`,
  );
}

async function serverHas(harness: LoadHarness): Promise<{ xml: boolean; extensions: Set<string> }> {
  const works = (sql: string) =>
    harness.pool.query(sql).then(
      () => true,
      () => false,
    );
  const extensions = new Set<string>();
  for (const name of ['citext', 'hstore', 'ltree']) if (await works(`create extension ${name}`)) extensions.add(name);
  return { extensions, xml: await works(`select '<a/>'::xml`) };
}

// A minute alone; the limit is for a machine that does other things as well.
const TIMEOUT_MS = 600_000;

test.each(postgresVersions)(
  '10,000 generated rows end as the model says, on PostgreSQL %i',
  async (version) => {
    const harness = await createLoadHarness(version);
    const { pool } = harness;
    await pool.query(`create type humor as enum ('feliz', 'não sei', ' "aspas" ', 'TRISTE');
    create domain cep as text check (value ~ '^[0-9]{5}-[0-9]{3}$');
    create domain cep_alto as cep check (value >= '5');
    create domain idade as smallint check (value between 0 and 150);
    create type par as (a int, b text);
    create domain valor as numeric(10,2) check (value >= 0);
    create schema diferencial`);
    const has = await serverHas(harness);
    const kinds = columnKinds(has);
    const all = [...KEY, ...kinds];
    const definitions = all.map(
      ({ name, type, constraint = '', default: fallback }) =>
        `${name} ${type} ${constraint} ${fallback === undefined ? '' : `default '${fallback}'`}`,
    );
    await pool.query(`create table diferencial.tudo (${definitions.join(', ')}, primary key (k_number, k_text))`);
    await harness.register('tudo', 'diferencial.tudo', { key: KEY.map(({ name }) => name) });

    const canon = new Canonicaliser(pool);
    await canon.prepare(all);
    const defaults = all.flatMap((kind) =>
      kind.default === undefined ? [] : [[kind.name, { text: kind.default }] as const],
    );
    await canon.learn({ kinds: all, rows: [{ op: null, cells: new Map(defaults) }] });
    const model = new TableModel(
      canon,
      KEY.map(({ name }) => name),
      all,
    );
    const generator = new RowGenerator(new Random(SEED), KEY, kinds);
    const differences: string[] = [];
    let rowCount = 0;
    let unchanged = 0;
    for (const { name, format, fileClass, write } of FILES) {
      const file = generator.file(fileClass, ROWS_PER_FILE);
      await canon.learn(file);
      const expected = model.apply(file);
      const bytes = await write(file);
      const found = await harness.load('tudo', { bytes, format }, format === 'csv' ? { csv: CSV } : {});
      const { rows } = await pool.query(
        `select ${all.map((kind) => `${kind.name}::text`).join(', ')} from diferencial.tudo`,
      );
      const report = (difference: string) => differences.push(`${name}: ${difference}`);
      if (found.error !== null) report(`the job ended with ${found.error}`);
      for (const line of differing(outcomesOf(found), expected.outcomes)) report(line);
      if (!isDeepStrictEqual(found.rows, expected.rows)) {
        report(`counts ${JSON.stringify(found.rows)} instead of ${JSON.stringify(expected.rows)}`);
      }
      const table = new Map(rows.map((row) => [JSON.stringify(KEY.map((kind) => row[kind.name])), row]));
      for (const line of differing([...table.keys()], [...model.rows.keys()])) report(`row ${line}`);
      for (const [key, row] of model.rows) {
        for (const [column, text] of table.has(key) ? row : []) {
          const inTable = table.get(key)[column];
          if (inTable !== text)
            report(`row ${key}, ${column}: ${JSON.stringify(inTable)} instead of ${JSON.stringify(text)}`);
        }
      }
      rowCount += found.rows.read;
      unchanged += found.rows.unchanged;
    }
    // The first ones tell what is wrong; ten thousand do not tell more.
    expect(differences.slice(0, 20)).toEqual([]);
    expect(rowCount).toBeGreaterThanOrEqual(10_000);
    // Without equal rows nothing would be said of how equality is judged.
    expect(unchanged).toBeGreaterThan(200);
  },
  TIMEOUT_MS,
);

/** Lines that only one side has. */
function differing(found: readonly string[], expected: readonly string[]): string[] {
  const isFound = new Set(found);
  const isExpected = new Set(expected);
  return [
    ...found.filter((line) => !isExpected.has(line)).map((line) => `found, not expected: ${line}`),
    ...expected.filter((line) => !isFound.has(line)).map((line) => `expected, not found: ${line}`),
  ];
}
