import { describe, expect, test } from 'vitest';
import { columnKinds } from '#tests/support/column-kinds.ts';
import type { FiguraColumn } from './figura.ts';
import { fileTypesOf } from './file-types.ts';

const typesOf = (type: string, category: FiguraColumn['category'] = 'other') => fileTypesOf({ type, category });

test.each([
  ['integer', 'INT32', 'int'],
  ['bigint', 'INT64', 'long'],
  ['numeric(15,2)', 'DECIMAL(15, 2)', 'decimal(15, 2)'],
  ['numeric', 'STRING', 'string'],
  ['numeric(60,2)', 'STRING', 'string'],
  ['numeric(3,-2)', 'STRING', 'string'],
  ['character varying(8)', 'STRING', 'string'],
  ['timestamp(3) with time zone', 'TIMESTAMP(MICROS, UTC)', 'timestamp-micros'],
  ['timestamp without time zone', 'TIMESTAMP(MICROS)', 'local-timestamp-micros'],
  ['time(0) without time zone', 'TIME(MICROS)', 'time-micros'],
  ['integer[]', 'LIST<INT32>', 'array<int>'],
  ['numeric(20,4)[]', 'LIST<DECIMAL(20, 4)>', 'array<decimal(20, 4)>'],
  ['constructor', 'STRING', 'string'],
])('%s is %s in Parquet and %s in Avro', (type, parquet, avro) => {
  expect(typesOf(type)).toEqual({ parquet, avro });
});

test('a domain is what stands below it', () => {
  expect(typesOf('cep', 'text')).toEqual({ parquet: 'STRING', avro: 'string' });
  expect(typesOf('quantidade', 'integer')).toEqual({ parquet: 'INT64', avro: 'long' });
});

/** What the differential tests load typed Avro files with, by the names that PostgreSQL's catalogue has for the types. */
describe('what is said of Avro is what loads are tested with', () => {
  const CATALOGUE: Record<string, string> = {
    time: 'time without time zone',
    timestamp: 'timestamp without time zone',
    timestamptz: 'timestamp with time zone',
  };
  const logical = columnKinds({ xml: false, extensions: new Set() }).flatMap(({ type, avro }) => {
    const tested = avro.type as { logicalType?: string };
    return tested.logicalType ? [[CATALOGUE[type] ?? type, tested.logicalType] as const] : [];
  });
  const named = logical.filter(([type]) => typesOf(type).avro !== 'string');

  test.each(named)('%s', (type, logicalType) => {
    expect(typesOf(type).avro.replace(/\(.*/, '')).toBe(logicalType);
  });
});
