import { beforeAll, expect, test } from 'vitest';
import { ident } from '#lib/db/identifiers.ts';
import { createLoadHarness, type LoadHarness } from '../support/load-harness.ts';
import { Random } from '../support/random.ts';
import { convertedOf } from '../support/row-files.ts';

const TABLES = 3;
const COLUMNS = 100;
const MAX_NAME_BYTES = 63;

const FRAGMENTS = [
  '"',
  "'",
  '`',
  ';',
  '--',
  '/*',
  '\\',
  '$1',
  '$$',
  '%s',
  '{}',
  '[]',
  '(',
  ')',
  ',',
  '.',
  ':',
  '::text',
  '\n',
  '\t',
  ' ',
  '\u00a0',
  'select',
  'drop schema carga cascade',
  'user',
  'order',
  'table',
  'null',
  '__proto__',
  'constructor',
  'toString',
  'c1',
  'n',
  's',
  't',
  'ç',
  'Ç',
  'ã',
  '😀',
  'שלום',
  '漢',
  'a\u0301',
  '\u200f',
  '\u2028',
  '\u0001',
  'A',
  'a',
  '0',
  '-',
  '+',
  '=1+1',
  '<script>',
  '&amp;',
  '*',
  '?',
];

/** Names no two of which are equal; case twins and accents on purpose. */
function hostileNames(random: Random): string[] {
  const names = new Set<string>([
    '__proto__',
    'constructor',
    'select',
    'x'.repeat(MAX_NAME_BYTES),
    'Twin',
    'twin',
    'TWIN',
    'á',
    'a\u0301',
    'a',
  ]);
  while (names.size < COLUMNS) {
    const name = Array.from({ length: random.integer(1, 6) }, () => random.pick(FRAGMENTS)).join('');
    // A CSV header is trimmed, a blank one is numbered, and a number among the names makes the first line a row.
    const isBlank = name.trim() !== name || name === '' || name === 'op' || /^[\d.,+-]*$/.test(name);
    if (!isBlank && Buffer.byteLength(name) <= MAX_NAME_BYTES) names.add(name);
  }
  return [...names];
}

let harness: LoadHarness;
beforeAll(async () => {
  harness = await createLoadHarness();
  await harness.pool.query('create schema nomes');
});

const csvCell = (text: string) => `"${text.replaceAll('"', '""')}"`;
const jsonObject = (entries: [string, string][]) =>
  `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;

test.each(Array.from({ length: TABLES }, (_, index) => index))(
  '100 hostile names fill their own columns (%i)',
  async (index) => {
    const names = hostileNames(new Random(index + 1));
    const { pool } = harness;
    const columns = names.map((name) => `${ident(name)} text`);
    await pool.query(`create table nomes.t${index} (chave int primary key, ${columns.join(', ')})`);
    await harness.register(`nomes_${index}`, `nomes.t${index}`, { key: ['chave'] });
    const row = (key: number): [string, string][] => [
      ['chave', String(key)],
      ...names.map((name, at): [string, string] => [name, `${key}/${at}`]),
    ];
    const ndjson = Buffer.from(jsonObject(row(1).toReversed()));
    const csv = [row(2).map(([name]) => csvCell(name)), row(2).map(([, value]) => csvCell(value))]
      .map((cells) => cells.join(','))
      .join('\n');
    const files = [
      { bytes: ndjson, format: 'ndjson' as const },
      { bytes: csv, format: 'csv' as const },
      { bytes: await convertedOf(Buffer.from(jsonObject(row(3))), 'ndjson'), format: 'parquet' as const },
    ];
    for (const [at, file] of files.entries()) {
      const { error, rows } = await harness.load(
        `nomes_${index}`,
        file,
        file.format === 'csv' ? { csv: { delimiter: ',' } } : {},
      );
      expect([file.format, error, rows.inserted]).toEqual([file.format, null, 1]);
      const found = await pool.query({
        text: `select * from nomes.t${index} where chave = $1`,
        values: [at + 1],
        rowMode: 'array',
      });
      expect(found.rows[0]?.slice(1)).toEqual(
        row(at + 1)
          .slice(1)
          .map(([, value]) => value),
      );
    }
    expect((await pool.query('select count(*)::int as n from carga.figuras')).rows[0].n).toBeGreaterThan(0);
  },
);

test('an ambiguous name is refused before a row is read', async () => {
  const { pool } = harness;
  await pool.query('create table nomes.gemeas (id int primary key, "Nome" text, nome text)');
  await harness.register('gemeas', 'nomes.gemeas');
  const file = { bytes: '{"id":1,"NOME":"x"}', format: 'ndjson' as const };
  const refused = await harness.load('gemeas', file);
  expect([refused.status, refused.error]).toEqual(['error', 'duplicate_mapping']);
  const { rows } = await pool.query('select error_details as details from carga.jobs where id = $1', [refused.id]);
  expect(rows[0].details).toEqual({ column: 'NOME', first: 'Nome', second: 'nome' });
  expect((await harness.load('gemeas', file, { mapping: { NOME: 'nome' } })).rows.inserted).toBe(1);
});

test('columns called like numbers, with a header found or said to be there, or none', async () => {
  const { pool } = harness;
  await pool.query('create table nomes.anos ("1" int primary key, "2023" int, "2024" int)');
  await harness.register('anos', 'nomes.anos', { key: ['1'] });
  const load = async (bytes: string, format: 'csv' | 'json', options: object = {}) => {
    const { error, rows } = await harness.load('anos', { bytes, format }, options);
    const table = await pool.query('select array["1", "2023", "2024"] as cells from nomes.anos order by 1');
    await pool.query('truncate nomes.anos');
    return [error, rows.inserted, table.rows.map(({ cells }) => cells.join(' '))];
  };
  const mapping = { id: '1' };
  expect(await load('id;2023;2024\n7;10;20\n', 'csv', { mapping })).toEqual([null, 1, ['7 10 20']]);
  expect(await load('1;2023;2024\n7;10;20\n', 'csv', { csv: { header: true } })).toEqual([null, 1, ['7 10 20']]);
  const byPlace = { column_1: '1', column_2: '2023', column_3: '2024' };
  expect(await load('7;10;20\n8;;\n', 'csv', { csv: { header: false }, mapping: byPlace })).toEqual([
    null,
    2,
    ['7 10 20', '8  '],
  ]);
  // JavaScript would put members called like numbers first.
  expect(await load('[{"2024":20,"2023":10,"1":7}]', 'json')).toEqual([null, 1, ['7 10 20']]);
});
