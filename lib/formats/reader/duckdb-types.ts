import { DuckDBDecimalType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';

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
  const text = exactText(value, type);
  const isOutside = outsideSql(value, type);
  return isOutside === null ? text : `CASE WHEN ${isOutside} THEN '?' ELSE ${text} END`;
}

function exactText(value: string, type: DuckDBType): string {
  const text = `CAST(${value} AS VARCHAR)`;
  // Where all digits stand behind the point, DuckDB writes none before it, which no JSON allows.
  if (type instanceof DuckDBDecimalType && type.scale === type.width) {
    return `regexp_replace(${text}, '^(-?)[.]', '\\10.')`;
  }
  // To write the first day of nanoseconds DuckDB looks for its midnight, which is before their first.
  if (type.typeId === DuckDBTypeId.TIMESTAMP_NS) {
    const next = `CAST(make_timestamp_ns(epoch_ns(${value}) + 86400000000000) AS VARCHAR)`;
    const isFirstDay = `${value} < TIMESTAMP_NS '1677-09-22' AND isfinite(${value})`;
    return `CASE WHEN ${isFirstDay} THEN replace(${next}, '1677-09-22', '1677-09-21') ELSE ${text} END`;
  }
  // DuckDB counts times with a zone in milliseconds of a double: after the year 287396 their text is another time.
  if (type.typeId !== DuckDBTypeId.TIMESTAMP_TZ) return text;
  return `CASE WHEN isfinite(${value}) THEN CAST(${plainMoment(value, type)} AS VARCHAR) || '+00' ELSE ${text} END`;
}

/** A finite moment as a TIMESTAMP in UTC. */
export function plainMoment(value: string, type: DuckDBType): string {
  return type.typeId === DuckDBTypeId.TIMESTAMP_TZ
    ? `make_timestamp(epoch_us(${value}))`
    : `CAST(${value} AS TIMESTAMP)`;
}

/**
 * Whether a value is none of its type, which a file can hold and which to write as text breaks DuckDB or gives another
 * value: times outside a day, the smallest number as a moment, intervals of more months or days than fit 31 bits. Null
 * where there are none. Nothing else may be done with such a value.
 */
export function outsideSql(value: string, { typeId }: DuckDBType): string | null {
  if (typeId === DuckDBTypeId.TIME) return `NOT ${value} BETWEEN TIME '00:00:00' AND TIME '24:00:00'`;
  if (typeId === DuckDBTypeId.TIME_NS) {
    return `NOT ${value} BETWEEN CAST('00:00:00' AS TIME_NS) AND CAST('24:00:00' AS TIME_NS)`;
  }
  if (typeId === DuckDBTypeId.INTERVAL) return `contains(CAST(${value} AS VARCHAR), '-')`;
  return TIMESTAMP_TYPES.has(typeId) ? `${value} < '-infinity'` : null;
}

function floatCell(value: string, type: DuckDBType): string {
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${floatText(value, type)} END`;
}
