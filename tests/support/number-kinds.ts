import { asText, type CellValue, type ColumnKind, matching, texts, value } from './column-kind.ts';

/** Literals that are JSON numbers stand bare in JSON. */
const numbers = (...all: string[]): CellValue[] =>
  all.map((text) => (/^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/.test(text) ? value(text, text) : value(text)));
const number = (text: string) => numbers(text)[0] as CellValue;

const avroInteger = { type: 'long', encode: ({ text }: CellValue) => BigInt(text) };
const avroDouble = { type: 'double', encode: ({ text }: CellValue) => Number(text) };

/** Big-endian two's complement, as Avro writes decimals. */
function decimalBytes(text: string, scale: number): Buffer {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const digits = BigInt(whole + fraction.padEnd(scale, '0'));
  const unscaled = text.startsWith('-') ? -digits : digits;
  return Buffer.from(BigInt.asUintN(136, unscaled).toString(16).padStart(34, '0'), 'hex');
}
const avroDecimal = (scale: number) => ({
  type: { type: 'bytes', logicalType: 'decimal', precision: 38, scale },
  encode: ({ text }: CellValue) => decimalBytes(text, scale),
});

/** Columns of numbers and booleans. */
export const numberKinds: ColumnKind[] = [
  {
    name: 'c_smallint',
    type: 'smallint',
    good: numbers('0', '-1', '32767', '-32768', '007', '+5', ' 8 '),
    bad: numbers('32768', '-32769', '1.5', 'x', '', 'NaN', '1e2'),
    duckdb: 'CAST($ AS BIGINT)',
    avro: avroInteger,
    typed: matching(/^-?(0|[1-9]\d{0,17})$/),
  },
  {
    name: 'c_integer',
    type: 'integer',
    constraint: 'check (c_integer <> 13)',
    default: '77',
    good: numbers('0', '-1', '2147483647', '-2147483648', '42'),
    bad: numbers('2147483648', '-2147483649', '13', '12 3', '1,5', '--1'),
    more: (random) => number(String(random.integer(-1e9, 1e9))),
    duckdb: 'CAST($ AS BIGINT)',
    avro: avroInteger,
    typed: matching(/^-?(0|[1-9]\d{0,17})$/),
  },
  {
    name: 'c_bigint',
    type: 'bigint',
    good: numbers('9223372036854775807', '-9223372036854775808', '9007199254740993', '-9007199254740993', '0'),
    bad: numbers('9223372036854775808', '-9223372036854775809', '1.0e0', '∞'),
    more: (random) => number(random.digits(random.integer(1, 18))),
    duckdb: 'CAST($ AS BIGINT)',
    avro: avroInteger,
    typed: (given) =>
      /^-?(0|[1-9]\d*)$/.test(given.text) && BigInt.asIntN(64, BigInt(given.text)) === BigInt(given.text)
        ? given
        : null,
  },
  {
    name: 'c_numeric',
    twins: ['1.0', '1.00'],
    type: 'numeric',
    good: numbers(
      '0',
      '1.0',
      '1.00',
      '-0.0000000001',
      '12345678901234567890123456789012345678',
      '99999999999999999999999999999999999999.5',
      '1e-20',
      '1E+30',
      'NaN',
      '0.1',
      `${'9'.repeat(120)}.${'1'.repeat(120)}`,
    ),
    bad: numbers('1,5', 'abc', '1.2.3', '', '٣'),
    more: (random) => number(`${random.digits(random.integer(1, 28))}.${random.digits(random.integer(1, 10))}`),
    duckdb: 'CAST($ AS DECIMAL(38,10))',
    avro: avroDecimal(10),
    typed: ({ text }) => {
      if (!/^-?\d{1,28}(\.\d{1,10})?$/.test(text)) return null;
      const [whole, fraction = ''] = text.split('.');
      return value(`${whole}.${fraction.padEnd(10, '0')}`);
    },
  },
  {
    name: 'c_numeric_12_3',
    type: 'numeric(12,3)',
    good: numbers('0', '-1', '1.0005', '1.00049', '-2.5555', '999999999.999', 'NaN'),
    bad: numbers('999999999.9999', '1000000000', 'Infinity', 'um'),
    more: (random) => number(`-${random.digits(random.integer(1, 9))}.${random.digits(random.integer(1, 5))}`),
    duckdb: 'CAST($ AS DECIMAL(18,5))',
    avro: avroDecimal(5),
    typed: matching(/^-?\d{1,13}(\.\d{1,5})?$/),
  },
  {
    name: 'c_numeric_38_0',
    type: 'numeric(38,0)',
    good: numbers('0', '9'.repeat(38), `-${'9'.repeat(38)}`, '12345678901234567890'),
    bad: numbers('9'.repeat(39), 'x'),
    more: (random) => number(random.digits(random.integer(16, 38))),
    duckdb: 'CAST($ AS DECIMAL(38,0))',
    avro: avroDecimal(0),
    typed: matching(/^-?\d{1,38}$/),
  },
  {
    name: 'c_real',
    type: 'real',
    good: numbers(
      '0',
      '-0',
      '0.1',
      '1e-45',
      '3.4028235e38',
      '16777216',
      '16777217',
      'NaN',
      'Infinity',
      '-Infinity',
      '1.17549435e-38',
    ),
    bad: numbers('1e39', '1e-60', 'x', ''),
    more: (random) => number(String(Math.fround((random.next() - 0.5) * 10 ** random.integer(-30, 30)))),
    duckdb: 'CAST($ AS FLOAT)',
    avro: { type: 'float', encode: ({ text }) => Number(text) },
    typed: ({ text }) =>
      (Number.isNaN(Number(text)) && text !== 'NaN') || text === '' || /e39|e-60/.test(text) ? null : value(text),
  },
  {
    name: 'c_double',
    twins: ['0', '-0'],
    type: 'double precision',
    good: numbers(
      '0',
      '-0',
      '0.1',
      '5e-324',
      '1.7976931348623157e308',
      '9007199254740993',
      'NaN',
      'Infinity',
      '-Infinity',
      '1e-7',
      '123456789.123456789',
    ),
    bad: numbers('1e400', '1e-400', 'inf inity', '1,5'),
    more: (random) => number(String((random.next() - 0.5) * 10 ** random.integer(-300, 300))),
    duckdb: 'CAST($ AS DOUBLE)',
    avro: avroDouble,
    typed: ({ text }) => ((Number.isNaN(Number(text)) && text !== 'NaN') || /400$/.test(text) ? null : value(text)),
  },
  {
    name: 'c_boolean',
    type: 'boolean',
    default: 'true',
    good: [value('true', 'true'), value('false', 'false'), ...texts('t', 'no', 'on', '0', 'YES', ' f ')],
    bad: texts('talvez', '', '2', 'sim'),
    duckdb: 'CAST($ AS BOOLEAN)',
    avro: { type: 'boolean', encode: ({ text }) => text === 'true' },
    typed: matching(/^(true|false)$/),
  },
  {
    name: 'c_domain_money',
    type: 'valor',
    good: numbers('0.00', '1.005', '99999999.99'),
    bad: numbers('-0.01', '100000000', 'NaN x'),
    more: (random) => number(`${random.digits(random.integer(1, 8))}.${random.digits(2)}`),
    duckdb: 'CAST($ AS DECIMAL(18,3))',
    avro: avroDecimal(3),
    typed: matching(/^-?\d{1,13}(\.\d{1,3})?$/),
  },
  {
    name: 'c_money',
    type: 'money',
    good: texts('0', '-12.34', '92233720368547758.07'),
    bad: texts('92233720368547758.08', 'x'),
    ...asText,
  },
];
