import { beforeAll, describe, expect, test } from 'vitest';
import { createLoadHarness, type LoadHarness } from '../support/load-harness.ts';
import { parquetFile, type SchemaNode } from '../support/parquet-fixture.ts';
import { bigEndian, int32s, int64s, logical } from '../support/parquet-values.ts';
import { postgresVersions } from '../support/postgres.ts';

// The first row has the ends of each type that both sides reach; in each other row one column is beyond.

const DAY_MS = 86_400_000n;
const LEAST = -(2n ** 63n);
const COLUMNS: { name: string; good: bigint; bad: bigint }[] = [
  { name: 'd', good: 2_932_896n, bad: -(2n ** 31n) },
  { name: 't', good: DAY_MS, bad: -1n },
  // The millisecond before the first day PostgreSQL knows.
  { name: 'ts', good: -210_866_803_200_000n, bad: -210_866_803_200_001n },
  { name: 'tz', good: 9_223_371_331_199_999_999n, bad: LEAST },
  { name: 'n', good: -99_999n, bad: 100_000n },
  { name: 'ds', good: 0n, bad: -(2n ** 31n) },
];
const ROWS = COLUMNS.length + 1;
const valuesOf = ({ good, bad }: (typeof COLUMNS)[number], column: number) =>
  Array.from({ length: ROWS }, (_, row) => (row === column + 1 ? bad : good));

function parquet(): Buffer {
  const nodes: Omit<SchemaNode, 'name'>[] = [
    { physical: 'INT32', converted: 'DATE' },
    { physical: 'INT32', converted: 'TIME_MILLIS' },
    { physical: 'INT64', logical: logical.timestamp(false, 'ms') },
    { physical: 'INT64', logical: logical.timestamp(true, 'us') },
    { physical: 'INT32', converted: 'DECIMAL', precision: 9, scale: 2 },
    {
      converted: 'LIST',
      children: [
        { name: 'list', repetition: 'repeated', children: [{ name: 'element', physical: 'INT32', converted: 'DATE' }] },
      ],
    },
  ];
  const ids = { pages: [{ count: ROWS, data: int32s(...Array(ROWS).keys()) }] };
  const columns = COLUMNS.map((column, index) => {
    const values = valuesOf(column, index);
    const data = nodes[index]?.physical === 'INT64' ? int64s(...values) : int32s(...values.map(Number));
    const levels = { repetitions: Array(ROWS).fill(0), definitions: Array(ROWS).fill(1) };
    return { pages: [{ count: ROWS, data, ...(column.name === 'ds' ? levels : {}) }] };
  });
  return parquetFile({
    schema: [
      { name: 'id', physical: 'INT32' },
      ...COLUMNS.map(({ name }, index) => ({ name, ...(nodes[index] as (typeof nodes)[number]) })),
    ],
    rowGroups: [{ rows: ROWS, columns: [ids, ...columns] }],
  });
}

/** A container file written by hand: writers do not write what is beyond. */
function avro(): Buffer {
  const long = (value: bigint) => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return Buffer.from([...bytes, Number(rest)]);
  };
  const sized = (bytes: Buffer) => Buffer.concat([long(BigInt(bytes.length)), bytes]);
  const logicalType = (type: string, name: string, more = {}) => ({ type, logicalType: name, ...more });
  const date = logicalType('int', 'date');
  const types = [
    date,
    logicalType('int', 'time-millis'),
    logicalType('long', 'local-timestamp-millis'),
    logicalType('long', 'timestamp-micros'),
    logicalType('bytes', 'decimal', { precision: 9, scale: 2 }),
    { type: 'array', items: date },
  ];
  const fields = COLUMNS.map(({ name }, index) => ({ name, type: types[index] }));
  const schema = { type: 'record', name: 'R', fields: [{ name: 'id', type: 'int' }, ...fields] };
  const all = COLUMNS.map(valuesOf);
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const [d, t, ts, tz, n, ds] = all.map((values) => values[row] as bigint) as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    return [
      long(BigInt(row)),
      long(d),
      long(t),
      long(ts),
      long(tz),
      sized(bigEndian(n, 8)),
      long(1n),
      long(ds),
      long(0n),
    ];
  });
  const sync = Buffer.alloc(16, 7);
  const header = [long(1n), sized(Buffer.from('avro.schema')), sized(Buffer.from(JSON.stringify(schema))), long(0n)];
  const body = Buffer.concat(rows.flat());
  return Buffer.concat([Buffer.from('Obj\x01'), ...header, sync, long(BigInt(ROWS)), sized(body), sync]);
}

describe.each(postgresVersions)('values at the ends of their types, on PostgreSQL %i', (version) => {
  let harness: LoadHarness;
  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await harness.pool.query('create schema extremos');
  });

  test('a date written with slashes has its day first, whatever the server says', async () => {
    await harness.pool.query('create table extremos.datas (id int primary key, d date, t timestamp, ds date[])');
    await harness.pool.query(`do $$ begin
        execute format('alter database %I set datestyle to ''ISO, MDY''', current_database());
      end $$`);
    await harness.register('datas', 'extremos.datas');
    const row = { id: 1, d: '01/02/2024', t: '1/2/2024 10:00', ds: ['03/04/24', '2024-05-06'] };
    const lines = [row, { id: 2, d: '12/31/2024' }].map((value) => JSON.stringify(value)).join('\n');
    const outcome = await harness.load('datas', { bytes: Buffer.from(lines), format: 'ndjson' });
    expect(outcome.stage).toMatchObject([{ row: 2, faults: [{ column: 'd', code: 'value_out_of_range' }] }]);
    const { rows } = await harness.pool.query('select id, d::text, t::text, ds::text from extremos.datas');
    expect(rows).toEqual([{ id: 1, d: '2024-02-01', t: '2024-02-01 10:00:00', ds: '{2024-04-03,2024-05-06}' }]);
  });

  test.each([
    ['parquet', parquet],
    ['avro', avro],
  ] as const)('%s: what is beyond costs its row, not the file', async (format, bytes) => {
    await harness.pool.query(`create table extremos.${format} (id int primary key, d date, t time, ts timestamp,
                                tz timestamptz, n numeric(5, 2), ds date[])`);
    await harness.register(format, `extremos.${format}`);
    const outcome = await harness.load(format, { bytes: bytes(), format });
    expect(outcome.stage.map(({ row, faults }) => [row, faults.map(({ column }) => column)])).toEqual(
      COLUMNS.map(({ name }, index) => [index + 2, [name]]),
    );
    expect(outcome).toMatchObject({ result: 'partial', rows: { read: ROWS, inserted: 1, rejected: ROWS - 1 } });
    const { rows } = await harness.pool.query(
      `select d::text, t::text, ts::text, (tz at time zone 'UTC')::text as tz, n::text, ds::text from extremos.${format}`,
    );
    expect(rows).toEqual([
      {
        d: '9999-12-31',
        t: '24:00:00',
        ts: '4714-11-24 00:00:00 BC',
        tz: '294247-01-01 23:59:59.999999',
        n: '-999.99',
        ds: '{1970-01-01}',
      },
    ]);
  });
});
