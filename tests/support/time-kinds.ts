import { asText, type ColumnKind, matching, texts, value } from './column-kind.ts';
import type { Random } from './random.ts';

const microsOf = (text: string): bigint => {
  const [, whole = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z?$/.exec(text) ?? [];
  return BigInt(Date.parse(`${whole.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
};
const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$/;
const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?$/;

const INTERVAL = /^(\d+) mons (\d+) days (\d+):(\d\d):(\d\d\.\d{3})$/;

const twoDigits = (random: Random, to: number) => String(random.integer(1, to)).padStart(2, '0');
const someDay = (random: Random) => `${random.integer(1000, 9999)}-${twoDigits(random, 12)}-${twoDigits(random, 28)}`;
const someTime = (random: Random) =>
  `${twoDigits(random, 23)}:${twoDigits(random, 59)}:${twoDigits(random, 59)}.${random.digits(6)}`;

/** Columns of dates and times. */
export const timeKinds: ColumnKind[] = [
  {
    name: 'c_date',
    type: 'date',
    default: '2000-02-29',
    good: texts(
      '2024-02-29',
      '0001-01-01',
      '9999-12-31',
      '1582-10-10',
      '1969-12-31',
      'infinity',
      '-infinity',
      '0044-03-15 BC',
      '5874897-12-31',
    ),
    bad: texts('2023-02-29', '2024-13-01', '', 'ontem', '12/31/2024', '0000-01-01'),
    more: (random) => value(someDay(random)),
    duckdb: 'CAST($ AS DATE)',
    avro: { type: { type: 'int', logicalType: 'date' }, encode: ({ text }) => Date.parse(text) / 86_400_000 },
    typed: (given) =>
      DAY.test(given.text) && !Number.isNaN(Date.parse(given.text)) && !/^0000|02-29$/.test(given.text) ? given : null,
  },
  {
    name: 'c_time',
    type: 'time',
    good: texts('00:00:00', '23:59:59.999999', '24:00:00', '12:34', '01:02:03.000001', '04:05 PM'),
    bad: texts('24:00:01', '12:60:00', 'meio-dia', ''),
    more: (random) => value(someTime(random)),
    duckdb: 'CAST($ AS TIME)',
    avro: { type: { type: 'long', logicalType: 'time-micros' }, encode: ({ text }) => microsOf(`1970-01-01 ${text}`) },
    typed: matching(TIME),
  },
  {
    name: 'c_timetz',
    type: 'timetz',
    good: texts('00:00:00+00', '23:59:59.999999-12', '12:00:00+05:30', '12:00', '10:00:00Z'),
    bad: texts('25:00+00', 'x'),
    more: (random) => value(`${someTime(random)}${random.pick(['+00', '-03', '+05:45'])}`),
    ...asText,
  },
  {
    name: 'c_timestamp',
    type: 'timestamp',
    good: texts(
      '2024-02-29 23:59:59.999999',
      '1969-12-31 23:59:59.999999',
      '0001-01-01 00:00:00',
      '294276-12-31 23:59:59',
      'infinity',
      '4713-01-01 00:00:00 BC',
      '2024-01-01T00:00:00',
      '2024-01-01',
    ),
    bad: texts('2024-02-30 00:00:00', '294277-01-01', '2024-01-01 25:00:00', ''),
    more: (random) => value(`${someDay(random)} ${someTime(random)}`),
    duckdb: 'CAST($ AS TIMESTAMP)',
    avro: { type: { type: 'long', logicalType: 'local-timestamp-micros' }, encode: ({ text }) => microsOf(text) },
    typed: (given) => (MOMENT.test(given.text) && !/02-30|25:00/.test(given.text) ? given : null),
  },
  {
    name: 'c_timestamptz',
    type: 'timestamptz',
    good: texts(
      '2024-02-29 23:59:59.999999+00',
      '2024-02-29T12:00:00Z',
      '2024-06-01 12:00:00-03',
      '2024-06-01 15:00:00+00',
      '-infinity',
      '1900-01-01 00:00:00 America/Sao_Paulo',
    ),
    bad: texts('2024-06-01 12:00:00+99', '2024-06-31 12:00:00Z', 'agora'),
    more: (random) => value(`${someDay(random)}T${someTime(random)}Z`),
    duckdb: 'CAST($ AS TIMESTAMPTZ)',
    avro: { type: { type: 'long', logicalType: 'timestamp-micros' }, encode: ({ text }) => microsOf(text) },
    typed: matching(/^\d{4}-(?!06-31)\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
  },
  {
    name: 'c_interval',
    twins: ['1 mons 0 days 00:00:00.000', '0 mons 30 days 00:00:00.000', '0 mons 0 days 720:00:00.000'],
    type: 'interval',
    good: texts(
      '1 mons 0 days 00:00:00.000',
      '0 mons 30 days 00:00:00.000',
      '0 mons 0 days 720:00:00.000',
      '1 year 2 mons -3 days 04:05:06.789012',
      'P1Y2M3DT4H5M6.7S',
      '-00:00:00.000001',
      '0 mons 0 days 24:00:00.000',
      '0 mons 1 days 00:00:00.000',
    ),
    bad: texts('1 lua', '', '99999999999 years'),
    more: (random) =>
      value(
        `${random.integer(0, 900)} mons ${random.integer(0, 90)} days ${twoDigits(random, 23)}:${twoDigits(random, 59)}:${twoDigits(random, 59)}.${random.digits(3)}`,
      ),
    duckdb: `CAST(replace($, 'mons', 'months') AS INTERVAL)`,
    avro: {
      type: { type: 'fixed', size: 12, name: 'duration', logicalType: 'duration' },
      encode: ({ text }) => {
        const [, months, days, hours, minutes, seconds] = INTERVAL.exec(text) ?? [];
        const bytes = Buffer.alloc(12);
        bytes.writeUInt32LE(Number(months), 0);
        bytes.writeUInt32LE(Number(days), 4);
        bytes.writeUInt32LE(Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000), 8);
        return bytes;
      },
    },
    typed: (given) => (INTERVAL.test(given.text) ? given : null),
  },
];
