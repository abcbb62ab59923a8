import type { CellValue, ColumnKind } from './column-kind.ts';
import type { Random } from './random.ts';

/** An element as PostgreSQL reads it and as JSON shows it; null is NULL. */
type Element = { text: string; json: string } | null;
type Nested = Element | Nested[];

const literal = (list: Nested[]): string =>
  `{${list.map((item) => (Array.isArray(item) ? literal(item) : item === null ? 'NULL' : `"${item.text.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
const jsonOf = (list: Nested[]): string =>
  `[${list.map((item) => (Array.isArray(item) ? jsonOf(item) : (item?.json ?? 'null'))).join(',')}]`;
const list = (...items: Nested[]): CellValue => ({ text: literal(items), json: jsonOf(items) });

const bare = (text: string): Element => ({ text, json: text });
const quoted = (text: string): Element => ({ text, json: JSON.stringify(text) });
const asJson = (json: string): Element => ({ text: json, json });

/** Items of a list in JSON, as texts. */
const itemsOf = ({ json }: CellValue): (string | null)[] =>
  (JSON.parse(json ?? '[]') as unknown[]).map((item) =>
    item === null ? null : Object.is(item, -0) ? '-0' : String(item),
  );
const nullable = (items: unknown) => ({ type: 'array', items: ['null', items] });

const isList = (value: CellValue) => (value.json?.startsWith('[') ? value : null);
const flat = (value: CellValue) => (value.json !== undefined && /^\[[^[]*$/.test(value.json) ? value : null);
// Bare numbers would go through a double in DuckDB's JSON.
const bareItems = `from_json(regexp_replace(#, '(-?[0-9][0-9.e+-]*)', '"\\1"', 'g'), '["VARCHAR"]')`;
const strings = `CAST(from_json(#, '["VARCHAR"]') AS VARCHAR[])`;

function someStrings(random: Random): CellValue {
  const words = ['', 'NULL', 'null', 'a b', '"', '\\', '{', '}', ',', "'", 'ç', '😀', '\n', '\t', '\\N', ' x ', '\x01'];
  return list(
    ...Array.from({ length: random.integer(0, 5) }, () => (random.chance(0.1) ? null : quoted(random.pick(words)))),
  );
}

/** A kind of array whose items stand in files as texts. */
export function stringArray(
  name: string,
  type: string,
  good: (string | null)[][],
  bad: (string | null)[][],
): ColumnKind {
  const lists = (all: (string | null)[][]) =>
    all.map((items) => list(...items.map((item) => (item === null ? null : quoted(item)))));
  const avro = { type: nullable('string'), encode: itemsOf };
  return { name, type, good: lists(good), bad: lists(bad), duckdb: strings, avro, typed: isList };
}

/** Columns of arrays. */
export const arrayKinds: ColumnKind[] = [
  {
    name: 'c_int_array',
    type: 'integer[]',
    good: [
      list(),
      list(bare('1'), bare('2')),
      list(null),
      list(bare('-2147483648'), null),
      { text: '[0:1]={7,8}' },
      { text: ' { 1 , 2 } ' },
    ],
    bad: [
      list(bare('2147483648')),
      list(quoted('x')),
      { text: '' },
      { text: '{1,2' },
      { text: '[1,2' },
      { text: '5', json: '5' },
    ],
    more: (random) =>
      list(...Array.from({ length: random.integer(1, 6) }, () => bare(String(random.integer(-999, 999))))),
    duckdb: `CAST(from_json(#, '["VARCHAR"]') AS BIGINT[])`,
    avro: {
      type: nullable('long'),
      encode: (value) => itemsOf(value).map((item) => (item === null ? null : BigInt(item))),
    },
    typed: (value) => (flat(value) && !/"/.test(value.json as string) ? value : null),
  },
  {
    name: 'c_int_matrix',
    type: 'integer[]',
    good: [list([bare('1'), bare('2')], [bare('3'), null]), list([[bare('1')]], [[bare('2')]]), list()],
    bad: [list([bare('1')], [bare('2'), bare('3')]), list([bare('1')], bare('2')), list([bare('1')], null)],
    duckdb: `CAST(from_json(#, '[["VARCHAR"]]') AS BIGINT[][])`,
    avro: {
      type: nullable(nullable('long')),
      encode: ({ json }) =>
        (JSON.parse(json as string) as (number | null)[][]).map(
          (row) => row?.map((item) => (item === null ? null : BigInt(item))) ?? null,
        ),
    },
    typed: (value) => (/^\[\]$|^\[\[[^[]*\](,(\[[^[]*\]|null))*\]$/.test(value.json ?? '') ? value : null),
  },
  {
    name: 'c_text_array',
    type: 'text[]',
    good: [
      list(),
      list(quoted('a'), quoted('')),
      list(quoted('NULL'), null),
      list(quoted('{"x"}'), quoted('\\')),
      { text: '{a,b}' },
    ],
    bad: [{ text: 'a,b' }, { text: '{"a}' }],
    more: someStrings,
    duckdb: strings,
    avro: { type: nullable('string'), encode: itemsOf },
    typed: isList,
  },
  {
    name: 'c_varchar_array',
    type: 'varchar(3)[]',
    good: [list(quoted('abc'), quoted('😀😀😀')), list()],
    bad: [list(quoted('abcd'))],
    duckdb: strings,
    avro: { type: nullable('string'), encode: itemsOf },
    typed: isList,
  },
  {
    name: 'c_numeric_array',
    type: 'numeric(20,4)[]',
    good: [list(bare('1.5'), bare('-2')), list(bare('1234567890123456.7891'), null)],
    bad: [list(bare('12345678901234567.1')), list(quoted('um'))],
    duckdb: `CAST(${bareItems} AS DECIMAL(30,6)[])`,
    avro: {
      type: nullable('string'),
      encode: ({ json }) =>
        (json as string)
          .slice(1, -1)
          .split(',')
          .map((item) => (item === 'null' ? null : item)),
    },
    typed: (value) => (flat(value) && !/"/.test(value.json as string) ? value : null),
  },
  {
    name: 'c_boolean_array',
    type: 'boolean[]',
    good: [list(bare('true'), bare('false'), null), list()],
    bad: [list(quoted('talvez'))],
    duckdb: `CAST(from_json(#, '["VARCHAR"]') AS BOOLEAN[])`,
    avro: {
      type: nullable('boolean'),
      encode: (value) => itemsOf(value).map((item) => (item === null ? null : item === 'true')),
    },
    typed: (value) => (/"/.test(value.json ?? '"') ? null : value),
  },
  {
    name: 'c_double_array',
    type: 'double precision[]',
    good: [list(bare('0.1'), bare('-1e-7')), list(quoted('NaN'), quoted('-Infinity'), bare('5e-324'), bare('-0'))],
    bad: [list(bare('1e400'))],
    duckdb: `CAST(${bareItems} AS DOUBLE[])`,
    avro: {
      type: nullable('double'),
      encode: (value) => itemsOf(value).map((item) => (item === null ? null : Number(item))),
    },
    typed: (value) => (/400/.test(value.json as string) ? null : value),
  },
  {
    name: 'c_date_array',
    type: 'date[]',
    good: [list(quoted('2024-02-29'), null), list(quoted('0001-01-01'))],
    bad: [list(quoted('2023-02-29'))],
    duckdb: `CAST(from_json(#, '["VARCHAR"]') AS DATE[])`,
    avro: { type: nullable('string'), encode: itemsOf },
    typed: (value) => (/2023-02-29/.test(value.text) ? null : value),
  },
  {
    name: 'c_timestamptz_array',
    type: 'timestamptz[]',
    good: [list(quoted('2024-02-29T12:34:56.789012Z'), null)],
    bad: [list(quoted('x'))],
    duckdb: `CAST(from_json(#, '["VARCHAR"]') AS TIMESTAMPTZ[])`,
    avro: { type: nullable('string'), encode: itemsOf },
    typed: (value) => (/x/.test(value.text) ? null : value),
  },
  {
    name: 'c_bytea_array',
    type: 'bytea[]',
    good: [list(quoted('\\x00ff'), null), list(quoted('\\x'))],
    bad: [list(quoted('\\xz'))],
    duckdb: `list_transform(CAST(from_json(#, '["VARCHAR"]') AS VARCHAR[]), lambda e: unhex(substr(e, 3)))`,
    avro: {
      type: nullable('bytes'),
      encode: (value) => itemsOf(value).map((item) => (item === null ? null : Buffer.from(item.slice(2), 'hex'))),
    },
    typed: (value) => (/z/.test(value.text) ? null : value),
  },
  {
    name: 'c_jsonb_array',
    type: 'jsonb[]',
    good: [
      list(asJson('{"a":[1,2]}'), asJson('"x"'), asJson('1.50')),
      list(),
      list(null),
      list(asJson('"x"'), asJson('"{}"'), null),
    ],
    bad: [],
    duckdb: `CAST(from_json(#, '["JSON"]') AS JSON[])`,
    avro: { type: nullable('string'), encode: itemsOf },
    typed: (value) => (value.json === '[null]' || /1\.50/.test(value.text) ? null : value),
  },
  {
    name: 'c_domain_array',
    type: 'cep[]',
    good: [list(quoted('01310-100'), null)],
    bad: [list(quoted('x'))],
    duckdb: strings,
    avro: { type: nullable('string'), encode: itemsOf },
    typed: isList,
  },
];
