import { arrayKinds } from './array-kinds.ts';
import { asIs, asText, avroText, type CellValue, type ColumnKind, matching, texts, value } from './column-kind.ts';
import { numberKinds } from './number-kinds.ts';
import type { Random } from './random.ts';
import { extensionKinds, rareKinds } from './rare-kinds.ts';
import { timeKinds } from './time-kinds.ts';

function someText(random: Random): CellValue {
  const letters = [
    'a',
    'Z',
    'ç',
    'ã',
    '😀',
    'ש',
    'ل',
    '漢',
    ' ',
    '"',
    "'",
    '\\',
    '\n',
    '\t',
    ',',
    ';',
    '{',
    '}',
    '\x01',
  ];
  return value(Array.from({ length: random.integer(0, 12) }, () => random.pick(letters)).join(''));
}
const AWKWARD = texts(
  '',
  ' ',
  'NULL',
  'null',
  '\\N',
  '\\.',
  '\\',
  '\\\\',
  'a\tb',
  'a\nb',
  'a\r\nb',
  '\x01',
  '"',
  "'",
  '""',
  ',',
  'a,b;c',
  '😀👩‍👩‍👧',
  'שלום עולם',
  'مرحبا',
  'ção',
  'ẞ',
  '\u200f\u202e',
  '\ufeffx',
  '\u2028',
  '=1+1',
  '[1,2]',
  '{"a":1}',
  '{1,2}',
  '0x10',
  '-0',
  'Z\u0308',
  'x'.repeat(3000),
  'true',
  '1e400',
  '__proto__',
);
const NUL = value('a\0b');

const otherKinds: ColumnKind[] = [
  { name: 'c_text', type: 'text', good: AWKWARD, bad: [NUL], more: someText, ...asText },
  {
    name: 'c_varchar',
    type: 'varchar(8)',
    constraint: 'not null',
    good: texts('', '12345678', '12345678   ', '😀😀😀😀😀😀😀😀', ' a', 'a '),
    bad: [...texts('123456789', '😀😀😀😀😀😀😀😀😀'), NUL],
    ...asText,
  },
  {
    name: 'c_char',
    type: 'char(5)',
    default: 'abc',
    good: texts('', 'a', 'a    ', 'a      ', 'abcde', ' x', '😀', '\\N'),
    bad: texts('abcdef', '     x'),
    ...asText,
  },
  {
    name: 'c_uuid',
    type: 'uuid',
    good: texts(
      '00000000-0000-0000-0000-000000000000',
      'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      '{a0eebc999c0b4ef8bb6d6bb9bd380a11}',
    ),
    bad: texts('', 'a0eebc99', 'g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
    more: (random) => value(random.hex(16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')),
    duckdb: 'CAST($ AS UUID)',
    avro: { type: { type: 'string', logicalType: 'uuid' }, encode: ({ text }) => text },
    typed: matching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i),
  },
  jsonKind('json', [
    '{"a":"\\u0041"}',
    '{"b":1, "a":2}',
    '{"a":2, "b":1}',
    '{"a":1,"a":2}',
    '"\\u0000"',
    '1.0',
    '1.00',
  ]),
  jsonKind(
    'jsonb',
    ['{"b":1, "a":2}', '{"a":1,"a":2}', '{"n":12345678901234567890.10}', '{"n":1.0}', '{"n":1.00}', '[1, "x", null]'],
    ['"\\u0000"'],
  ),
  {
    name: 'c_bytea',
    type: 'bytea',
    good: texts('\\x', '\\x00', '\\x00ff5c0a', '\\xDEADBEEF', 'abc', '\\\\', '\\001\\377'),
    bad: texts('\\xabc', '\\xzz', '\\9'),
    more: (random) => value(`\\x${random.hex(random.integer(0, 20))}`),
    duckdb: 'unhex(substr($, 3))',
    avro: { type: 'bytes', encode: ({ text }) => Buffer.from(text.slice(2), 'hex') },
    typed: matching(/^\\x([0-9a-f]{2})*$/i),
  },
  {
    name: 'c_inet',
    type: 'inet',
    good: texts('10.0.0.1', '10.0.0.1/8', '::1', '2001:db8::/32', '192.168.0.0/32'),
    bad: texts('10.0.0.256', '', 'x'),
    ...asText,
  },
  {
    name: 'c_cidr',
    type: 'cidr',
    good: texts('10.0.0.0/8', '10', '::/0', '2001:db8::/32'),
    bad: texts('10.0.0.1/8', 'x'),
    ...asText,
  },
  {
    name: 'c_macaddr',
    type: 'macaddr',
    good: texts('08:00:2b:01:02:03', '08002b:010203', '0800.2b01.0203', 'FF-FF-FF-FF-FF-FF'),
    bad: texts('08:00:2b:01:02', ''),
    ...asText,
  },
  {
    name: 'c_enum',
    type: 'humor',
    good: texts('feliz', 'não sei', ' "aspas" ', 'TRISTE'),
    bad: texts('Feliz', '', 'triste'),
    duckdb: `CAST($ AS ENUM ('feliz', 'não sei', ' "aspas" ', 'TRISTE', 'Feliz', 'triste', ''))`,
    avro: avroText,
    typed: asIs,
  },
  {
    name: 'c_domain',
    type: 'cep',
    good: texts('01310-100', '00000-000'),
    bad: texts('1310-100', '', 'abc'),
    ...asText,
  },
  {
    name: 'c_int4range',
    type: 'int4range',
    good: texts('[1,5)', '(1,5]', 'empty', '(,)', '[3,)', '[2,6)'),
    bad: texts('[5,1)', '1,5', ''),
    ...asText,
  },
  {
    name: 'c_tstzrange',
    type: 'tstzrange',
    good: texts('[2024-01-01,2024-02-01)', '["2024-01-01 00:00:00+00","2024-02-01 00:00:00+00")', '(,infinity]'),
    bad: texts('[x,y)'),
    ...asText,
  },
  {
    name: 'c_nummultirange',
    twins: ['{[1.0,2.00)}', '{[1,2)}'],
    type: 'nummultirange',
    good: texts('{}', '{[1,2),[3,4]}', '{[1.0,2.00)}', '{[1,2)}'),
    bad: texts('{[2,1]}', '[1,2)'),
    ...asText,
  },
  { name: 'c_bit', type: 'bit(4)', good: texts('0000', '1010', 'xF'), bad: texts('101', '10101', '2', ''), ...asText },
  {
    name: 'c_varbit',
    type: 'varbit(8)',
    good: texts('', '1', '10101010', '01'),
    bad: texts('101010101', 'x123', '12'),
    ...asText,
  },
  {
    name: 'c_point',
    type: 'point',
    good: texts('(1,2)', '1.5,-2', '(NaN,Infinity)', '(0.1,1e-300)', '(-0,0)'),
    bad: texts('(1)', '', '(a,b)'),
    ...asText,
  },
  {
    name: 'c_box',
    type: 'box',
    good: texts('(1,1),(0,0)', '((0,0),(1,1))', '(2,0.5),(0,0)'),
    bad: texts('(1,1)'),
    ...asText,
  },
  {
    name: 'c_tsvector',
    type: 'tsvector',
    good: texts('', `'a':1 'b':2A`, 'x y z'),
    bad: texts(`'a`, 'a:0'),
    ...asText,
  },
];

function jsonKind(type: 'json' | 'jsonb', own: string[], bad: string[] = []): ColumnKind {
  const good = [
    '{}',
    '[]',
    '"texto"',
    '""',
    '0',
    '-1.5',
    'true',
    '{"a":{"b":[1,{"c":"ção 😀"}]}}',
    '{"__proto__":1}',
    '{"\\"":"\\\\N"}',
    ...own,
  ];
  const json = (text: string) => value(text, text);
  return {
    name: `c_${type}`,
    type,
    good: good.map(json),
    bad: bad.map(json),
    more: (random) =>
      json(
        `{"n":${random.digits(random.integer(1, 30))}.${random.digits(3)},"t":${JSON.stringify(someText(random).text)}}`,
      ),
    duckdb: 'CAST($ AS JSON)',
    avro: avroText,
    typed: asIs,
  };
}

/** Every kind of column; the optional ones where the server has them. */
export function columnKinds(server: { xml: boolean; extensions: ReadonlySet<string> }): ColumnKind[] {
  const citext: ColumnKind = {
    name: 'c_citext',
    twins: ['abc', 'ABC', 'Abc'],
    type: 'citext',
    good: texts('abc', 'ABC', 'Abc', 'ÇA', 'ça', ''),
    bad: [NUL],
    ...asText,
  };
  const xml: ColumnKind = {
    name: 'c_xml',
    type: 'xml',
    good: texts('<a/>', '<a></a>', '<a b="ç">😀</a>', 'text', ''),
    bad: texts('<a>', '<a b=1/>'),
    ...asText,
  };
  return [
    ...numberKinds,
    ...timeKinds,
    ...otherKinds,
    ...arrayKinds,
    ...rareKinds,
    ...(server.extensions.has('citext') ? [citext] : []),
    ...Object.entries(extensionKinds).flatMap(([name, kind]) => (server.extensions.has(name) ? [kind] : [])),
    ...(server.xml ? [xml] : []),
  ];
}
