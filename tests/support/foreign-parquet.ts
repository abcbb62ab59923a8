import { type Chunk, type Page, parquetFile, runs, type SchemaNode, sized } from './parquet-fixture.ts';
import {
  bigEndian,
  bits,
  byteArrays,
  deltaLengths,
  deltaPacked,
  deltaTexts,
  doubles,
  floats,
  int32s,
  int64s,
  int96s,
  logical,
  splitStreams,
} from './parquet-values.ts';

// Parquet files as other programs write them, and some that are only allowed. `node tests/support/write-golden-files.ts`
// writes them beside what is expected of them.

/** A column without nulls, on one page. */
interface Plain {
  node: Omit<SchemaNode, 'name'>;
  data: Buffer;
  encoding?: Page['encoding'];
}

/** A file of flat columns of the same number of values, none of them null. */
function flat(rows: number, columns: Record<string, Plain>, chunk: Partial<Chunk> = {}, version: 1 | 2 = 1): Buffer {
  return parquetFile({
    schema: Object.entries(columns).map(([name, { node }]) => ({ name, ...node })),
    rowGroups: [
      {
        rows,
        columns: Object.values(columns).map(({ data, encoding }) => ({
          ...chunk,
          pages: [{ version, encoding, count: rows, data }],
        })),
      },
    ],
  });
}

const UTF8 = { physical: 'BYTE_ARRAY', converted: 'UTF8' } as const;
const INT64 = { physical: 'INT64' } as const;
const LONG_ENDS = [2n ** 63n - 1n, -(2n ** 63n), 0n];

/** Nanoseconds since 1970 of a date and time in UTC. */
const nanos = (date: string, ns = 0n) => BigInt(Date.parse(date)) * 1_000_000n + ns;

/** Int96 as Spark writes it: microseconds, dates before 1970 too; in a column that may be null. */
const sparkTimestamps = parquetFile({
  schema: [
    { name: 'id', ...INT64 },
    { name: 'visto', physical: 'INT96', repetition: 'optional' },
  ],
  rowGroups: [
    {
      rows: 4,
      columns: [
        { codec: 'SNAPPY', pages: [{ count: 4, data: int64s(1n, 2n, 3n, 4n) }] },
        {
          codec: 'SNAPPY',
          dictionary: {
            count: 3,
            data: int96s(
              nanos('2024-02-29T23:59:59.999Z', 999_000n),
              nanos('1969-12-31T23:59:59.999Z', 999_000n),
              nanos('1900-01-01T00:00:00Z'),
            ),
          },
          pages: [
            {
              encoding: 'PLAIN_DICTIONARY',
              definitions: [1, 0, 1, 1],
              count: 4,
              data: Buffer.concat([Buffer.from([2]), runs([0, 1, 2], 2)]),
            },
          ],
        },
      ],
    },
  ],
});

/** Int96 with nanoseconds in the third and the last row, which DuckDB would cut off: a page, a dictionary. */
const int96Nanos = (version: 1 | 2, codec: Chunk['codec']) =>
  parquetFile({
    schema: [
      { name: 'id', ...INT64 },
      { name: 'visto', physical: 'INT96', repetition: 'optional' },
    ],
    rowGroups: [
      {
        rows: 3,
        columns: [
          { codec, pages: [{ version, count: 3, data: int64s(1n, 2n, 3n) }] },
          {
            codec,
            pages: [
              { version, definitions: [1, 0], count: 2, data: int96s(nanos('2024-01-01T00:00:00Z')) },
              { version, definitions: [1], count: 1, data: int96s(nanos('2024-01-01T00:00:00Z', 1n)) },
            ],
          },
        ],
      },
      {
        rows: 2,
        columns: [
          { codec, pages: [{ version, count: 2, data: int64s(4n, 5n) }] },
          {
            codec,
            dictionary: { count: 2, data: int96s(nanos('1969-12-31T00:00:00Z'), nanos('1969-12-31T00:00:00Z', -1n)) },
            pages: [
              {
                version,
                encoding: 'RLE_DICTIONARY',
                definitions: [1, 1],
                count: 2,
                data: Buffer.concat([Buffer.from([1]), runs([0, 1], 1)]),
              },
            ],
          },
        ],
      },
    ],
  });

const decimals = flat(3, {
  int32: {
    node: { physical: 'INT32', converted: 'DECIMAL', precision: 9, scale: 2 },
    data: int32s(1, -123, 999999999),
  },
  int64: {
    node: { physical: 'INT64', converted: 'DECIMAL', precision: 18, scale: 4 },
    data: int64s(1n, -99999n, 10n ** 18n - 1n),
  },
  fixed: {
    node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 5, converted: 'DECIMAL', precision: 10, scale: 3 },
    data: Buffer.concat([1n, -1n, 9999999999n].map((value) => bigEndian(value, 5))),
  },
  // Hive writes fixed ones of 16 bytes for 38 digits, Impala just as many as needed.
  hive: {
    node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 16, converted: 'DECIMAL', precision: 38, scale: 38 },
    data: Buffer.concat([1n, -1n, 10n ** 38n - 1n].map((value) => bigEndian(value, 16))),
  },
  // Of any length, as few bytes as a value needs.
  binary: {
    node: { physical: 'BYTE_ARRAY', converted: 'DECIMAL', precision: 20, scale: 1 },
    data: byteArrays(bigEndian(5n, 1), bigEndian(-300n, 2), bigEndian(99999999999999999999n, 9)),
  },
});

const wideDecimal = flat(1, {
  d: {
    node: {
      physical: 'FIXED_LEN_BYTE_ARRAY',
      length: 32,
      converted: 'DECIMAL',
      precision: 76,
      scale: 2,
      logical: logical.decimal(76, 2),
    },
    data: bigEndian(1n, 32),
  },
});

/** A decimal of few digits in more bytes than 128 bits have: the value still fits. */
const longDecimal = (value: bigint) =>
  flat(1, {
    d: {
      node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 20, converted: 'DECIMAL', precision: 38, scale: 2 },
      data: bigEndian(value, 20),
    },
  });

const logicalTypes = flat(2, {
  uuid: {
    node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 16, logical: logical.uuid },
    data: Buffer.from('c2d1c02e6c3a4b0c9d842b9f1a0e8e1100000000000000000000000000000000', 'hex'),
  },
  json: {
    node: { physical: 'BYTE_ARRAY', converted: 'JSON', logical: logical.json },
    data: byteArrays('{"a":1.00}', '[]'),
  },
  enum: {
    node: { physical: 'BYTE_ARRAY', converted: 'ENUM', logical: logical.enum },
    data: byteArrays('AZUL', 'verde'),
  },
  interval: {
    node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 12, converted: 'INTERVAL' },
    data: int32s(14, 3, 1500, 0, 0, 86_400_000),
  },
  float16: {
    node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 2, logical: logical.float16 },
    data: Buffer.from('003c0080', 'hex'),
  },
  uint8: { node: { physical: 'INT32', converted: 'UINT_8', logical: logical.integer(8, false) }, data: int32s(255, 0) },
  int8: { node: { physical: 'INT32', converted: 'INT_8', logical: logical.integer(8, true) }, data: int32s(-128, 127) },
  uint64: {
    node: { physical: 'INT64', converted: 'UINT_64', logical: logical.integer(64, false) },
    data: int64s(-1n, 0n),
  },
  fixed: { node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 3 }, data: Buffer.from('00ff41616263', 'hex') },
});

/** Integers of more bits than their column says, of which DuckDB would keep the lower ones. */
const widerIntegers = flat(4, {
  int8: { node: { physical: 'INT32', converted: 'INT_8' }, data: int32s(-128, 128, 127, 0) },
  int16: { node: { physical: 'INT32', converted: 'INT_16' }, data: int32s(-32_768, 32_767, -32_769, 0) },
  uint8: { node: { physical: 'INT32', converted: 'UINT_8' }, data: int32s(255, 256, 0, 0) },
  uint16: { node: { physical: 'INT32', logical: logical.integer(16, false) }, data: int32s(65_535, 0, 1, -1) },
});

const DAY_MS = 86_400_000;
const times = flat(2, {
  date: { node: { physical: 'INT32', converted: 'DATE' }, data: int32s(-719_162, 2_932_896) },
  time_ms: { node: { physical: 'INT32', converted: 'TIME_MILLIS' }, data: int32s(DAY_MS - 1, 0) },
  time_us: { node: { physical: 'INT64', converted: 'TIME_MICROS' }, data: int64s(BigInt(DAY_MS) * 1000n - 1n, 0n) },
  time_ns: { node: { physical: 'INT64', logical: logical.time(false, 'ns') }, data: int64s(1000n, 0n) },
  ts_ms: { node: { physical: 'INT64', converted: 'TIMESTAMP_MILLIS' }, data: int64s(-1n, 0n) },
  ts_us: {
    node: { physical: 'INT64', logical: logical.timestamp(false, 'us') },
    data: int64s(nanos('0001-01-01T00:00:00Z') / 1000n, nanos('9999-12-31T23:59:59.999Z') / 1000n + 999n),
  },
  tstz_us: {
    node: { physical: 'INT64', logical: logical.timestamp(true, 'us') },
    data: int64s(-1n, 1_704_164_645_000_001n),
  },
  ts_ns: { node: { physical: 'INT64', logical: logical.timestamp(false, 'ns') }, data: int64s(1000n, -1000n) },
  tstz_ns: { node: { physical: 'INT64', logical: logical.timestamp(true, 'ns') }, data: int64s(1000n, -1000n) },
  tstz_ms: { node: { physical: 'INT64', logical: logical.timestamp(true, 'ms') }, data: int64s(1n, -1n) },
});

/** The ends of nanoseconds, which pandas calls times and DuckDB infinity. */
const nanosecondEnds = flat(3, {
  local: {
    node: { physical: 'INT64', logical: logical.timestamp(false, 'ns') },
    data: int64s(2n ** 63n - 1n, -(2n ** 63n) + 1n, 2n ** 63n - 808n),
  },
  utc: {
    node: { physical: 'INT64', logical: logical.timestamp(true, 'ns') },
    data: int64s(0n, 2n ** 63n - 1n, 2n ** 63n - 808n),
  },
});

/** In each row but the first another column holds what its type does not: the first has the ends of each type. */
const OUTSIDE: Record<string, { node: Omit<SchemaNode, 'name'>; good: Buffer; bad: Buffer }> = {
  time_ms: { node: { physical: 'INT32', converted: 'TIME_MILLIS' }, good: int32s(DAY_MS), bad: int32s(-1) },
  time_us: {
    node: { physical: 'INT64', converted: 'TIME_MICROS' },
    good: int64s(86_400_000_000n),
    bad: int64s(2n ** 63n - 1n),
  },
  time_ns: {
    node: { physical: 'INT64', logical: logical.time(false, 'ns') },
    good: int64s(86_400_000_000_000n),
    bad: int64s(-(2n ** 63n)),
  },
  utc_ms: {
    node: { physical: 'INT32', logical: logical.time(true, 'ms') },
    good: int32s(DAY_MS),
    bad: int32s(DAY_MS + 1),
  },
  utc_us: {
    node: { physical: 'INT64', logical: logical.time(true, 'us') },
    good: int64s(86_400_000_000n),
    bad: int64s(-1n),
  },
  utc_ns: {
    node: { physical: 'INT64', logical: logical.time(true, 'ns') },
    good: int64s(86_400_000_000_000n),
    bad: int64s(86_400_000_001_000n),
  },
  ts_us: {
    node: { physical: 'INT64', logical: logical.timestamp(false, 'us') },
    good: int64s(2n ** 63n - 2n),
    bad: int64s(-(2n ** 63n)),
  },
  ts_ns: {
    node: { physical: 'INT64', logical: logical.timestamp(false, 'ns') },
    good: int64s(9_223_372_036_854_775_000n),
    bad: int64s(-(2n ** 63n)),
  },
  tstz_us: {
    node: { physical: 'INT64', logical: logical.timestamp(true, 'us') },
    good: int64s(9_223_371_331_199_999_999n),
    bad: int64s(-(2n ** 63n)),
  },
  int96: { node: { physical: 'INT96' }, good: int96s(0n), bad: Buffer.alloc(12, 255) },
  interval: {
    node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 12, converted: 'INTERVAL' },
    good: int32s(2_147_483_647, 2_147_483_647, -1),
    bad: int32s(-1, 0, 0),
  },
  short: {
    node: { physical: 'INT32', converted: 'DECIMAL', precision: 4, scale: 2 },
    good: int32s(9999),
    bad: int32s(99_999),
  },
  middle: {
    node: { physical: 'INT64', converted: 'DECIMAL', precision: 9, scale: 2 },
    good: int64s(999_999_999n),
    bad: int64s(2n ** 31n),
  },
};
const outside = flat(
  1 + Object.keys(OUTSIDE).length,
  Object.fromEntries(
    Object.entries(OUTSIDE).map(([name, { node, good, bad }], column, all) => [
      name,
      { node, data: Buffer.concat([good, ...all.map((_, row) => (row === column ? bad : good))]) },
    ]),
  ),
);

const WORDS = ['', 'maçã', 'maçãs', 'maio', '😀\\N'];
const encodings = (version: 1 | 2, codec: Chunk['codec']) =>
  flat(
    5,
    {
      delta_int: {
        node: { physical: 'INT32' },
        encoding: 'DELTA_BINARY_PACKED',
        data: deltaPacked([2147483647n, -2147483648n, 0n, -1n, 1n]),
      },
      delta_long: {
        node: INT64,
        encoding: 'DELTA_BINARY_PACKED',
        data: deltaPacked([...LONG_ENDS, 9007199254740993n, -1n]),
      },
      delta_length: {
        node: UTF8,
        encoding: 'DELTA_LENGTH_BYTE_ARRAY',
        data: deltaLengths(WORDS.map((word) => Buffer.from(word))),
      },
      delta_text: { node: UTF8, encoding: 'DELTA_BYTE_ARRAY', data: deltaTexts(WORDS) },
      split_double: {
        node: { physical: 'DOUBLE' },
        encoding: 'BYTE_STREAM_SPLIT',
        data: splitStreams(doubles(0.1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324), 8),
      },
      split_float: {
        node: { physical: 'FLOAT' },
        encoding: 'BYTE_STREAM_SPLIT',
        data: splitStreams(floats(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 16777216), 4),
      },
      rle_boolean: {
        node: { physical: 'BOOLEAN' },
        encoding: 'RLE',
        data: sized(runs([1, 1, 0, 0, 1], 1)),
      },
      bits: { node: { physical: 'BOOLEAN' }, data: bits(true, false, true, true, false) },
    },
    { codec },
    version,
  );

const SPLIT = 'BYTE_STREAM_SPLIT';
const DECIMAL = { physical: 'FIXED_LEN_BYTE_ARRAY', length: 5, converted: 'DECIMAL', precision: 10, scale: 3 } as const;

/** Split integers and bytes of a fixed length, which DuckDB does not undo: with nulls, after a dictionary, in a list. */
const splitIntegers = (version: 1 | 2, codec: Chunk['codec']) =>
  parquetFile({
    schema: [
      { name: 'n', ...INT64 },
      { name: 'i', physical: 'INT32', repetition: 'optional' },
      { name: 'd', ...DECIMAL, repetition: 'optional' },
      {
        name: 'l',
        repetition: 'optional',
        converted: 'LIST',
        children: [
          {
            name: 'list',
            repetition: 'repeated',
            children: [{ name: 'element', repetition: 'optional', physical: 'INT32' }],
          },
        ],
      },
      { name: 'f', physical: 'FLOAT' },
    ],
    rowGroups: [
      {
        rows: 4,
        columns: [
          {
            codec,
            pages: [
              { version, encoding: SPLIT, count: 3, data: splitStreams(int64s(...LONG_ENDS), 8) },
              { version, encoding: SPLIT, count: 1, data: splitStreams(int64s(-2n), 8) },
            ],
          },
          {
            codec,
            dictionary: { count: 2, data: int32s(7, -7) },
            pages: [
              {
                version,
                encoding: 'RLE_DICTIONARY',
                count: 2,
                definitions: [1, 1],
                data: Buffer.concat([Buffer.from([1]), runs([1, 0], 1)]),
              },
              { version, encoding: SPLIT, count: 2, definitions: [0, 1], data: splitStreams(int32s(-2147483648), 4) },
            ],
          },
          {
            codec,
            pages: [
              { version, encoding: SPLIT, count: 1, definitions: [0], data: Buffer.alloc(0) },
              {
                version,
                encoding: SPLIT,
                count: 3,
                definitions: [1, 0, 1],
                data: splitStreams(Buffer.concat([bigEndian(-1n, 5), bigEndian(9999999999n, 5)]), 5),
              },
            ],
          },
          {
            codec,
            // [1, null, 2], [], null, [-3]
            pages: [
              {
                version,
                encoding: SPLIT,
                count: 6,
                repetitions: [0, 1, 1, 0, 0, 0],
                definitions: [3, 2, 3, 1, 0, 3],
                data: splitStreams(int32s(1, 2, -3), 4),
              },
            ],
          },
          { codec, pages: [{ version, encoding: SPLIT, count: 4, data: splitStreams(floats(0.1, -0, 1, 2), 4) }] },
        ],
      },
    ],
  });

const bson = flat(1, {
  b: {
    node: { physical: 'BYTE_ARRAY', converted: 'BSON', logical: logical.bson },
    data: byteArrays(Buffer.from('0500000000', 'hex')),
  },
});

/** A row group of its own for every row, some of them empty, and columns whose pages end elsewhere. */
const groups = (count: number) =>
  parquetFile({
    schema: [
      { name: 'n', repetition: 'optional', ...INT64 },
      { name: 's', ...UTF8 },
    ],
    rowGroups: Array.from({ length: count }, (_, index) =>
      index % 3 === 1
        ? { rows: 0, columns: [{ pages: [] }, { pages: [] }] }
        : {
            rows: 2,
            columns: [
              {
                pages: [
                  { count: 1, definitions: [1], data: int64s(BigInt(index)) },
                  { count: 1, definitions: [0], data: int64s() },
                ],
              },
              { pages: [{ count: 2, data: byteArrays(`r${index}`, '') }] },
            ],
          },
    ),
  });

/** Names that Arrow keeps in the footer, and bytes that old writers left without a name. */
const arrow = parquetFile({
  schema: [
    { name: 'id', physical: 'FIXED_LEN_BYTE_ARRAY', length: 16, logical: logical.uuid },
    { name: 'doc', ...UTF8 },
    { name: 'bytes', physical: 'BYTE_ARRAY' },
    { name: 'nada', repetition: 'optional', physical: 'INT32', logical: logical.null },
  ],
  rowGroups: [
    {
      rows: 1,
      columns: [
        { pages: [{ count: 1, data: Buffer.alloc(16, 1) }] },
        { pages: [{ count: 1, data: byteArrays('{"a": 1}') }] },
        { pages: [{ count: 1, data: byteArrays('ção') }] },
        { pages: [{ count: 1, definitions: [0], data: Buffer.alloc(0) }] },
      ],
    },
  ],
  metadata: { 'ARROW:schema': '/////wAAAAA=', pandas: '{"index_columns": []}' },
});

const codecOf = (codec: NonNullable<Chunk['codec']>, version: 1 | 2 = 1) =>
  flat(
    3,
    { n: { node: INT64, data: int64s(...LONG_ENDS) }, s: { node: UTF8, data: byteArrays('', 'ção', '\\N') } },
    { codec },
    version,
  );

/** Meanings that stand in the logical type alone, as no writer of note leaves them. */
const logicalOnly = flat(1, {
  text: { node: { physical: 'BYTE_ARRAY', logical: logical.string }, data: byteArrays('ção') },
  enum: { node: { physical: 'BYTE_ARRAY', logical: logical.enum }, data: byteArrays('ção') },
  json: { node: { physical: 'BYTE_ARRAY', logical: logical.json }, data: byteArrays('{"a":1.0}') },
  uuid: { node: { physical: 'FIXED_LEN_BYTE_ARRAY', length: 16, logical: logical.uuid }, data: Buffer.alloc(16, 1) },
  short: { node: { physical: 'INT32', logical: logical.integer(16, true) }, data: int32s(-32768) },
  time_us: { node: { physical: 'INT64', logical: logical.time(true, 'us') }, data: int64s(1n) },
  ts_ms: { node: { physical: 'INT64', logical: logical.timestamp(true, 'ms') }, data: int64s(-1n) },
});
const unsignedOnly = flat(1, { n: { node: { ...INT64, logical: logical.integer(64, false) }, data: int64s(-1n) } });
const decimalOnly = flat(1, {
  d: { node: { physical: 'INT32', logical: logical.decimal(5, 2) }, data: int32s(-99999) },
});
const dateOnly = flat(1, { d: { node: { physical: 'INT32', logical: logical.date }, data: int32s(1) } });

/** The files by their names in the folder of golden files. */
export const foreignFiles: Record<string, () => Buffer> = {
  'int96-spark': () => sparkTimestamps,
  'int96-nanos-v1-snappy': () => int96Nanos(1, 'SNAPPY'),
  'int96-nanos-v2-zstd': () => int96Nanos(2, 'ZSTD'),
  'int96-nanos-lz4_raw': () => int96Nanos(1, 'LZ4_RAW'),
  'decimals-of-old': () => decimals,
  'decimal-256': () => wideDecimal,
  'decimal-in-20-bytes': () => longDecimal(-12345n),
  'decimal-too-long': () => longDecimal(10n ** 40n),
  'logical-types': () => logicalTypes,
  'integers-wider': () => widerIntegers,
  times: () => times,
  'logical-only': () => logicalOnly,
  'logical-only-unsigned': () => unsignedOnly,
  'logical-only-decimal': () => decimalOnly,
  'logical-only-date': () => dateOnly,
  bson: () => bson,
  'split-integers-v1-snappy': () => splitIntegers(1, 'SNAPPY'),
  'split-integers-v1-lz4-hadoop': () => splitIntegers(1, 'LZ4'),
  'split-integers-v2-gzip': () => splitIntegers(2, 'GZIP'),
  'split-integers-v2-lz4_raw': () => splitIntegers(2, 'LZ4_RAW'),
  'nanosecond-ends': () => nanosecondEnds,
  'outside-their-types': () => outside,
  'encodings-by-hand-v1': () => encodings(1, 'UNCOMPRESSED'),
  'encodings-by-hand-v2-brotli': () => encodings(2, 'BROTLI'),
  'row-groups-and-pages': () => groups(7),
  'arrow-names': () => arrow,
  'codec-lz4-hadoop': () => codecOf('LZ4'),
  'codec-lz4-hadoop-v2': () => codecOf('LZ4', 2),
  'codec-lz4-arrow': () => codecOf('LZ4_OF_ARROW'),
  'codec-lz4-encodings': () => encodings(2, 'LZ4'),
  'codec-lzo': () => codecOf('LZO'),
  'codec-gzip-v2': () => codecOf('GZIP', 2),
  'codec-snappy-v2': () => codecOf('SNAPPY', 2),
};
