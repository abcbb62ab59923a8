import { stringArray } from './array-kinds.ts';
import { asText, type ColumnKind, texts, value } from './column-kind.ts';

/** A kind that has no type of its own in a typed file. */
function kind(name: string, type: string, good: string[], bad: string[], more: Partial<ColumnKind> = {}): ColumnKind {
  return { name: `c_${name}`, type, good: texts(...good), bad: texts(...bad), ...asText, ...more };
}

const jsonNumbers = (...all: string[]) => all.map((text) => value(text, text));

/** Columns of the types that few tables have. */
export const rareKinds: ColumnKind[] = [
  kind('name', 'name', ['', 'a b', 'ç'.repeat(31), 'x'.repeat(63), 'x'.repeat(70)], []),
  kind('char1', '"char"', ['a', 'Z', ' ', 'abc'], []),
  kind('oid', 'oid', ['0', '4294967295', '26'], ['4294967296', 'x', '1.5']),
  kind('xid8', 'xid8', ['0', '18446744073709551615'], ['18446744073709551616']),
  kind('lsn', 'pg_lsn', ['0/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF'], ['0', 'G/0', '']),
  kind('macaddr8', 'macaddr8', ['08:00:2b:01:02:03:04:05', '08002b0102030405', '08:00:2b:01:02:03'], ['08', '']),
  kind('tsquery', 'tsquery', ["'a' & 'b'", 'a&b', '!(x|y)', 'a <-> b:*'], ['a &', '(a']),
  kind('jsonpath', 'jsonpath', ['$', '$.a[*] ? (@ > 1)', 'strict $."ç"'], ['$[', '', 'x y']),
  kind('line', 'line', ['{1,-1,0}', '[(0,0),(1,1)]'], ['{0,0,0}', '(1,2)']),
  kind('lseg', 'lseg', ['[(0,0),(1,1)]', '(0,0),(1,1)'], ['[(0,0)]']),
  kind('path', 'path', ['[(0,0),(1,1)]', '((0,0),(1,1))', '(2,3)'], ['[]', '']),
  kind('polygon', 'polygon', ['((0,0),(1,1),(1,0))', '0,0,1,1'], ['(0)', '']),
  kind('circle', 'circle', ['<(0,0),1>', '(0,0),0.5'], ['<(0,0),-1>', '']),
  kind('int8range', 'int8range', ['[1,9223372036854775807)', '(,5]', 'empty'], ['[5,1)', '[1,9223372036854775807]']),
  kind('numrange', 'numrange', ['[1.0,2.00]', '(,)', '[-1e3,1e3)'], ['[2,1]', '[a,b]'], {
    twins: ['[1.0,2.00]', '[1.0,2.0]'],
    good: texts('[1.0,2.00]', '[1.0,2.0]', '(,)', '[-1e3,1e3)'),
  }),
  kind(
    'daterange',
    'daterange',
    ['[2024-02-29,2024-03-01]', '(,2024-01-01)', '[-infinity,infinity]'],
    ['[2023-02-29,)'],
  ),
  kind('tsrange', 'tsrange', ['["2024-01-01 00:00:00.000001",)', '[2024-01-01,2024-01-02]'], ['[2024-13-01,)', '']),
  kind('int4multirange', 'int4multirange', ['{}', '{[1,3),[2,5)}', '{(,0],[9,)}'], ['{[5,1)}', '[1,2)', '']),
  kind('tstzmultirange', 'tstzmultirange', ['{[2024-01-01,2024-02-01),[2024-01-15,2024-03-01)}', '{}'], ['{[x,y)}']),
  kind('timestamp_3', 'timestamp(3)', ['2024-01-01 00:00:00.0005', '2024-01-01 23:59:59.9995'], ['2024-02-30']),
  kind('timestamptz_0', 'timestamptz(0)', ['2024-01-01 00:00:00.5Z', '1969-12-31 23:59:59.5Z'], ['x']),
  kind('time_1', 'time(1)', ['23:59:59.95', '00:00:00.04'], ['24:00:00.1']),
  kind('interval_months', 'interval year to month', ['1-2', '14 months 3 days', '-1 year'], ['x']),
  kind('interval_2', 'interval second(2)', ['1.005', '00:00:01.234', '5'], ['']),
  kind('numeric_5_2', 'numeric(5,-2)', [], ['99999999', 'um'], {
    good: jsonNumbers('12345', '-99950', '0', '9999949'),
  }),
  kind('varbit_any', 'bit varying', ['', '1', 'B101', 'xFf'], ['2', 'xg']),
  kind('bit_1', 'bit', ['0', '1'], ['01', '', '2']),
  kind('composite', 'par', ['(1,"b c")', '(,)', '(2,)', '(3,"")', '(4,"a""b\\\\c")'], ['(x,y)', '(1)', '1', '(1,2,3)']),
  kind('domain_2', 'cep_alto', ['51310-100', '90000-000'], ['11310-100', 'abc', '']),
  kind('domain_int', 'idade', [], ['-1', '200', 'x', ''], { good: jsonNumbers('0', '7', '150') }),
  stringArray('c_enum_array', 'humor[]', [['feliz', null], [' "aspas" ', 'não sei'], []], [['Feliz'], ['']]),
  stringArray('c_uuid_array', 'uuid[]', [['00000000-0000-0000-0000-000000000000', null]], [['x']]),
  stringArray('c_interval_array', 'interval[]', [['1 mon', '30 days'], ['24:00:00']], [['1 lua']]),
  stringArray('c_inet_array', 'inet[]', [['10.0.0.1/8', '::1'], [null]], [['10.0.0.256']]),
  stringArray('c_time_array', 'time[]', [['24:00:00', '00:00:00.000001']], [['25:00']]),
  stringArray('c_range_array', 'int4range[]', [['[1,5)', '(1,5]', 'empty'], [null]], [['[5,1)']]),
  stringArray('c_multirange_array', 'nummultirange[]', [['{[1,2),[3,4]}', '{}']], [['{[2,1]}']]),
  stringArray('c_composite_array', 'par[]', [['(1,"b c")', null], ['(,)']], [['(x,)'], ['(1)']]),
  stringArray('c_citext_like_array', 'char(3)[]', [['a', 'abc '], ['']], [['abcd']]),
];

/** Columns of the types that extensions bring. */
export const extensionKinds: Record<string, ColumnKind> = {
  hstore: kind('hstore', 'hstore', ['', 'a=>1', '"a"=>NULL, b=>"x y"', 'b=>2,a=>1'], ['a=>', '=>x']),
  ltree: kind('ltree', 'ltree', ['', 'a.b.c', 'Top'], ['a..b', 'a b']),
};
