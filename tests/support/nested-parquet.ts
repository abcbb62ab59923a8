import { parquetFile, type SchemaNode } from './parquet-fixture.ts';
import { byteArrays, int32s, int64s, logical } from './parquet-values.ts';

// Lists, maps and records, in the shapes that writers of fifteen years gave them.

const UTF8 = { physical: 'BYTE_ARRAY', converted: 'UTF8' } as const;
const INT64 = { physical: 'INT64' } as const;

/** Lists in the two levels of old writers, of Hive's `bag`, and of today. */
const lists = parquetFile({
  schema: [
    // parquet-avro of old: a repeated leaf under the list.
    {
      name: 'avro',
      repetition: 'optional',
      converted: 'LIST',
      children: [{ name: 'array', repetition: 'repeated', physical: 'INT32' }],
    },
    // Hive and Spark before 2: bag and array_element.
    {
      name: 'hive',
      repetition: 'optional',
      converted: 'LIST',
      children: [
        {
          name: 'bag',
          repetition: 'repeated',
          children: [{ name: 'array_element', repetition: 'optional', physical: 'INT32' }],
        },
      ],
    },
    // Thrift and protobuf: a repeated field without any list around it.
    { name: 'protobuf', repetition: 'repeated', physical: 'INT32' },
    {
      name: 'tuple',
      repetition: 'optional',
      converted: 'LIST',
      children: [
        {
          name: 'tuple_tuple',
          repetition: 'repeated',
          children: [
            { name: 'a', physical: 'INT32' },
            { name: 'b', ...UTF8 },
          ],
        },
      ],
    },
  ],
  rowGroups: [
    {
      rows: 3,
      columns: [
        // [1,2], null, []
        { pages: [{ count: 4, repetitions: [0, 1, 0, 0], definitions: [2, 2, 0, 1], data: int32s(1, 2) }] },
        // [1,null], [], null
        { pages: [{ count: 4, repetitions: [0, 1, 0, 0], definitions: [3, 2, 1, 0], data: int32s(1) }] },
        // [7], [], [8,9]
        { pages: [{ count: 4, repetitions: [0, 0, 0, 1], definitions: [1, 0, 1, 1], data: int32s(7, 8, 9) }] },
        // [{a:1,b:x}], [], null
        { pages: [{ count: 3, repetitions: [0, 0, 0], definitions: [2, 1, 0], data: int32s(1) }] },
        { pages: [{ count: 3, repetitions: [0, 0, 0], definitions: [2, 1, 0], data: byteArrays('x') }] },
      ],
    },
  ],
});

/** Maps of old and today's writers, and a struct with an optional list of structs. */
const maps = parquetFile({
  schema: [
    {
      name: 'hive',
      repetition: 'optional',
      converted: 'MAP',
      children: [
        {
          name: 'map',
          repetition: 'repeated',
          converted: 'MAP_KEY_VALUE',
          children: [
            { name: 'key', ...UTF8 },
            { name: 'value', repetition: 'optional', ...INT64 },
          ],
        },
      ],
    },
    {
      name: 'pessoa',
      repetition: 'optional',
      children: [
        { name: 'nome', repetition: 'optional', ...UTF8 },
        {
          name: 'filhos',
          repetition: 'optional',
          converted: 'LIST',
          children: [
            {
              name: 'list',
              repetition: 'repeated',
              children: [
                {
                  name: 'element',
                  repetition: 'optional',
                  children: [{ name: 'idade', repetition: 'optional', physical: 'INT32' }],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  rowGroups: [
    {
      rows: 2,
      columns: [
        { pages: [{ count: 3, repetitions: [0, 1, 0], definitions: [2, 2, 1], data: byteArrays('a"', 'b') }] },
        { pages: [{ count: 3, repetitions: [0, 1, 0], definitions: [3, 2, 1], data: int64s(2n ** 63n - 1n) }] },
        { pages: [{ count: 2, definitions: [2, 0], data: byteArrays('Zé') }] },
        // [{idade:1}, null, {idade:null}], and no person at all.
        { pages: [{ count: 4, repetitions: [0, 1, 1, 0], definitions: [5, 3, 4, 0], data: int32s(1) }] },
      ],
    },
  ],
});

/** Rows whose nanoseconds PostgreSQL would round: alone, in a list, in a list of a struct. */
const listOf = (name: string, element: Omit<SchemaNode, 'name'>): SchemaNode => ({
  name,
  repetition: 'optional',
  converted: 'LIST',
  children: [
    { name: 'list', repetition: 'repeated', children: [{ name: 'element', repetition: 'optional', ...element }] },
  ],
});
const NS = { physical: 'INT64', logical: logical.timestamp(true, 'ns') } as const;
const nanosecondsInside = parquetFile({
  schema: [
    { name: 'hora', physical: 'INT64', logical: logical.time(true, 'ns') },
    { name: 'momento', ...NS },
    listOf('lista', NS),
    listOf('textos', NS),
    listOf('dias', { physical: 'INT64', logical: logical.timestamp(false, 'us') }),
    { name: 'objeto', children: [{ name: 'em', ...NS }] },
  ],
  rowGroups: [
    {
      rows: 5,
      columns: [
        { pages: [{ count: 5, data: int64s(1000n, 1001n, 0n, 0n, 0n) }] },
        { pages: [{ count: 5, data: int64s(1000n, 1000n, -1n, 0n, 0n) }] },
        {
          pages: [
            {
              count: 6,
              repetitions: [0, 0, 0, 0, 1, 0],
              definitions: [3, 0, 1, 3, 3, 2],
              data: int64s(1000n, 0n, 1n),
            },
          ],
        },
        {
          pages: [
            { count: 5, repetitions: [0, 0, 0, 0, 0], definitions: [3, 3, 3, 3, 3], data: int64s(1n, 2n, 3n, 4n, 5n) },
          ],
        },
        {
          pages: [
            {
              count: 5,
              repetitions: [0, 0, 0, 0, 0],
              definitions: [3, 3, 3, 3, 3],
              data: int64s(0n, 0n, 0n, 0n, 1n),
            },
          ],
        },
        { pages: [{ count: 5, data: int64s(1n, 1n, 1n, 1n, 1n) }] },
      ],
    },
  ],
});

/** The same for local times, which DuckDB reads whole: PostgreSQL would round them in an array. */
const localNanosecondsInside = parquetFile({
  schema: [
    listOf('lista', { physical: 'INT64', logical: logical.timestamp(false, 'ns') }),
    { name: 'objeto', children: [{ name: 'em', physical: 'INT64', logical: logical.timestamp(false, 'ns') }] },
  ],
  rowGroups: [
    {
      rows: 3,
      columns: [
        {
          pages: [{ count: 4, repetitions: [0, 1, 0, 0], definitions: [3, 3, 3, 0], data: int64s(1000n, 1n, 2000n) }],
        },
        { pages: [{ count: 3, data: int64s(1n, 1n, 1n) }] },
      ],
    },
  ],
});

/** Times outside a day in a list, in a record inside a list, in a map. */
const TIME = { physical: 'INT64', converted: 'TIME_MICROS' } as const;
const outsideInside = parquetFile({
  schema: [
    listOf('lista', TIME),
    listOf('registros', { children: [{ name: 'em', ...TIME }] }),
    {
      name: 'mapa',
      converted: 'MAP',
      children: [
        {
          name: 'key_value',
          repetition: 'repeated',
          children: [
            { name: 'key', ...UTF8 },
            { name: 'value', ...TIME },
          ],
        },
      ],
    },
    { name: 'utc', children: [{ name: 'em', physical: 'INT64', logical: logical.time(true, 'us') }] },
  ],
  rowGroups: [
    {
      rows: 5,
      columns: [
        {
          pages: [
            {
              count: 6,
              repetitions: [0, 1, 0, 0, 0, 0],
              definitions: [3, 3, 3, 0, 1, 2],
              data: int64s(1n, 86_400_000_000n, -1n),
            },
          ],
        },
        {
          pages: [
            { count: 5, repetitions: [0, 0, 0, 0, 0], definitions: [3, 3, 3, 0, 1], data: int64s(0n, 0n, 1n << 62n) },
          ],
        },
        ...[byteArrays('a', 'b', 'c', 'd'), int64s(0n, 0n, 0n, -1n)].map((data) => ({
          pages: [{ count: 5, repetitions: [0, 0, 0, 0, 0], definitions: [1, 1, 1, 1, 0], data }],
        })),
        { pages: [{ count: 5, data: int64s(0n, 0n, 0n, 0n, -1n) }] },
      ],
    },
  ],
});

/** A map that says the same key twice, which Parquet does not forbid. */
const twinKeys = parquetFile({
  schema: [
    {
      name: 'm',
      converted: 'MAP',
      children: [
        {
          name: 'key_value',
          repetition: 'repeated',
          children: [
            { name: 'key', ...UTF8 },
            { name: 'value', ...INT64 },
          ],
        },
      ],
    },
  ],
  rowGroups: [
    {
      rows: 1,
      columns: [
        { pages: [{ count: 2, repetitions: [0, 1], definitions: [1, 1], data: byteArrays('a', 'a') }] },
        { pages: [{ count: 2, repetitions: [0, 1], definitions: [1, 1], data: int64s(1n, 2n) }] },
      ],
    },
  ],
});

/** A map that leaves its values out, which makes it a set. */
const keysOnly = parquetFile({
  schema: [
    {
      name: 'm',
      repetition: 'optional',
      converted: 'MAP',
      children: [{ name: 'key_value', repetition: 'repeated', children: [{ name: 'key', ...UTF8 }] }],
    },
  ],
  rowGroups: [
    {
      rows: 3,
      columns: [
        { pages: [{ count: 4, repetitions: [0, 1, 0, 0], definitions: [2, 2, 1, 0], data: byteArrays('a', 'b') }] },
      ],
    },
  ],
});

/** The files by their names in the folder of golden files. */
export const nestedFiles: Record<string, () => Buffer> = {
  'lists-of-old': () => lists,
  'maps-and-structs': () => maps,
  'map-with-twin-keys': () => twinKeys,
  'map-without-values': () => keysOnly,
  'nanoseconds-inside': () => nanosecondsInside,
  'times-outside-inside': () => outsideInside,
  'local-nanoseconds-inside': () => localNanosecondsInside,
};
