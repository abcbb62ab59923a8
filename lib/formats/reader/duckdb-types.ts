import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';

// SQL expressions over one value of known type. They name no column of the file: callers hand in references of ours.

// Above these an integer is no longer written the same as the shortest text that reads back as the same float.
const EXACT_INTEGER = { [DuckDBTypeId.FLOAT]: '16777216', [DuckDBTypeId.DOUBLE]: '9007199254740992' };

/** Integers of any width. */
export const INTEGER_TYPES: readonly DuckDBTypeId[] = [
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
];

/** Types whose text is JSON as it stands. */
export const RAW_JSON_TYPES = new Set<DuckDBTypeId>([
  ...INTEGER_TYPES,
  DuckDBTypeId.BIGNUM,
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
]);

/** Points in time of any precision. */
export const TIMESTAMP_TYPES = new Set<DuckDBTypeId>([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);

const NESTED_TYPES = new Set<DuckDBTypeId>([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.MAP,
  DuckDBTypeId.UNION,
  DuckDBTypeId.VARIANT,
]);

/** Whether cells of the type are JSON text. */
export function isNestedType(type: DuckDBType): boolean {
  return NESTED_TYPES.has(type.typeId);
}

/** Text that Parquet says is JSON. */
export function isJson(type: DuckDBType): boolean {
  return type.typeId === DuckDBTypeId.VARCHAR && type.alias === 'JSON';
}

/** Hex as PostgreSQL reads bytea. */
export function hexText(value: string): string {
  return `('\\x' || lower(hex(${value})))`;
}

/**
 * A number as PostgreSQL spells it: `1` for 1.0 (an integer column would refuse `1.0`), `NaN`, `Infinity`, and
 * otherwise the shortest text that reads back as the same value.
 */
export function floatText(value: string, type: DuckDBType): string {
  const limit = EXACT_INTEGER[type.typeId as DuckDBTypeId.FLOAT | DuckDBTypeId.DOUBLE];
  return `CASE WHEN ${value} = 0 AND signbit(${value}) THEN '-0'
    WHEN abs(${value}) <= ${limit} AND ${value} = trunc(${value}) THEN CAST(CAST(${value} AS BIGINT) AS VARCHAR)
    WHEN isfinite(${value}) THEN CAST(${value} AS VARCHAR)
    WHEN isnan(${value}) THEN 'NaN' WHEN ${value} > 0 THEN 'Infinity' ELSE '-Infinity' END`;
}

/** The plain text of a scalar, NULL for NULL. */
export function scalarText(value: string, type: DuckDBType): string {
  if (type.typeId === DuckDBTypeId.FLOAT || type.typeId === DuckDBTypeId.DOUBLE) return floatCell(value, type);
  if (type.typeId === DuckDBTypeId.BLOB) return hexText(value);
  return `CAST(${value} AS VARCHAR)`;
}

function floatCell(value: string, type: DuckDBType): string {
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${floatText(value, type)} END`;
}
