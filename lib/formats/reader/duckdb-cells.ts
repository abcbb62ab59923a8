import {
  DuckDBArrayType,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import { FormatFault } from '../format-fault.ts';
import { sqlText } from './duckdb-session.ts';
import type { CellFaultCode, CellTarget } from './protocol.ts';

// SQL expressions over one value of known type. They name no column of the file: callers hand in references of ours.

/** Deeper than any real record; the text of the query grows with the square of it. */
const MAX_NESTING = 64;

// Above these an integer is no longer written the same as the shortest text that reads back as the same float.
const EXACT_INTEGER = { [DuckDBTypeId.FLOAT]: '16777216', [DuckDBTypeId.DOUBLE]: '9007199254740992' };

const RAW_JSON_TYPES = new Set<DuckDBTypeId>([
  DuckDBTypeId.BOOLEAN,
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
  DuckDBTypeId.BIGNUM,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
]);

const TIMESTAMP_TYPES = new Set<DuckDBTypeId>([
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

function isJson(type: DuckDBType): boolean {
  return type.typeId === DuckDBTypeId.VARCHAR && type.alias === 'JSON';
}

/** Hex as PostgreSQL reads bytea. */
function hexText(value: string): string {
  return `('\\x' || lower(hex(${value})))`;
}

/**
 * A number as PostgreSQL spells it: `1` for 1.0 (an integer column would refuse `1.0`), `NaN`, `Infinity`, and
 * otherwise the shortest text that reads back as the same value.
 */
function floatText(value: string, type: DuckDBType): string {
  const limit = EXACT_INTEGER[type.typeId as DuckDBTypeId.FLOAT | DuckDBTypeId.DOUBLE];
  return `CASE WHEN ${value} = 0 AND signbit(${value}) THEN '-0'
    WHEN abs(${value}) <= ${limit} AND ${value} = trunc(${value}) THEN CAST(CAST(${value} AS BIGINT) AS VARCHAR)
    WHEN isfinite(${value}) THEN CAST(${value} AS VARCHAR)
    WHEN isnan(${value}) THEN 'NaN' WHEN ${value} > 0 THEN 'Infinity' ELSE '-Infinity' END`;
}

/** The plain text of a scalar, NULL for NULL. */
function scalarText(value: string, type: DuckDBType): string {
  if (type.typeId === DuckDBTypeId.FLOAT || type.typeId === DuckDBTypeId.DOUBLE) return floatCell(value, type);
  if (type.typeId === DuckDBTypeId.BLOB) return hexText(value);
  return `CAST(${value} AS VARCHAR)`;
}

function floatCell(value: string, type: DuckDBType): string {
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${floatText(value, type)} END`;
}

/** Whether JSON is made for PostgreSQL, which then refuses NaN, or to be shown, where NaN becomes a text. */
export type JsonUse = 'cell' | 'display';

/** As {@link jsonText} for display, with bytes that are taken as text shown as the text. */
export function textOrJson(value: string, type: DuckDBType): string {
  const json = jsonText(value, type, 'display');
  return type.typeId === DuckDBTypeId.BLOB ? `coalesce(${quoted(`try(decode(${value}))`)}, ${json})` : json;
}

interface JsonContext {
  use: JsonUse;
  depth: number;
}

/**
 * JSON text of a value, the text `null` for NULL. DuckDB's own to_json is not used: it sends numbers inside JSON
 * columns through a double and writes blobs and times in spellings nobody else reads.
 */
export function jsonText(value: string, type: DuckDBType, use: JsonUse): string {
  return jsonOf(value, type, { use, depth: 0 });
}

function jsonOf(value: string, type: DuckDBType, context: JsonContext): string {
  if (context.depth > MAX_NESTING) {
    throw new FormatFault('nesting_too_deep', `A column is nested deeper than ${MAX_NESTING} levels.`);
  }
  return `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${jsonOfPresent(value, type, context)} END`;
}

function jsonOfPresent(value: string, type: DuckDBType, context: JsonContext): string {
  const inner = { ...context, depth: context.depth + 1 };
  const item = `x${inner.depth}`;
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const each = jsonOf(item, type.valueType, inner);
    return `'[' || array_to_string(list_transform(${value}, lambda ${item}: ${each}), ',') || ']'`;
  }
  if (type instanceof DuckDBMapType) {
    const key = quoted(
      isNestedType(type.keyType)
        ? jsonOf(`struct_extract_at(${item}, 1)`, type.keyType, inner)
        : scalarText(`struct_extract_at(${item}, 1)`, type.keyType),
    );
    const each = `${key} || ':' || ${jsonOf(`struct_extract_at(${item}, 2)`, type.valueType, inner)}`;
    return `'{' || array_to_string(list_transform(map_entries(${value}), lambda ${item}: ${each}), ',') || '}'`;
  }
  if (type instanceof DuckDBStructType) {
    if (type.entryCount === 0) return `'{}'`;
    const fields = type.entryTypes.map((entryType, index) => {
      const name = sqlText(`${index === 0 ? '' : ','}${JSON.stringify(type.entryNames[index])}:`);
      return `${name} || ${jsonOf(`struct_extract_at(${value}, ${index + 1})`, entryType, inner)}`;
    });
    return `'{' || ${fields.join(' || ')} || '}'`;
  }
  if (type.typeId === DuckDBTypeId.UNION || type.typeId === DuckDBTypeId.VARIANT) {
    return `CAST(CAST(${value} AS JSON) AS VARCHAR)`;
  }
  if (isJson(type)) return `CAST(${value} AS VARCHAR)`;
  if (type.typeId === DuckDBTypeId.FLOAT || type.typeId === DuckDBTypeId.DOUBLE) {
    const text = floatText(value, type);
    return context.use === 'display'
      ? `CASE WHEN isfinite(${value}) THEN ${text} ELSE '"' || ${text} || '"' END`
      : text;
  }
  if (RAW_JSON_TYPES.has(type.typeId)) return `CAST(${value} AS VARCHAR)`;
  if (TIMESTAMP_TYPES.has(type.typeId)) return `'"' || ${isoTimestamp(`CAST(${value} AS VARCHAR)`)} || '"'`;
  return quoted(scalarText(value, type));
}

function quoted(text: string): string {
  return `CAST(to_json(${text}) AS VARCHAR)`;
}

/** RFC 3339 from DuckDB's spelling; years before 1 have none and stay as they are. */
function isoTimestamp(text: string): string {
  return `CASE WHEN contains(${text}, '(BC)') THEN ${text} ELSE regexp_replace(replace(${text}, ' ', 'T'), '\\+00$', 'Z') END`;
}

/** A cell as text and the conditions under which its row cannot be handed to PostgreSQL. */
export interface CellSql {
  /** VARCHAR, NULL for NULL. */
  text: string;
  /** Whether the text can hold what COPY's text format escapes. */
  needsEscape: boolean;
  faults: { code: CellFaultCode; when: string; detail: string }[];
}

/** The fault of a text that holds a NUL character. */
export function nulFault(text: string): CellSql['faults'][number] {
  const detail = 'The text holds a NUL character (U+0000), which PostgreSQL cannot store.';
  return { code: 'nul_character', when: `contains(${text}, chr(0))`, detail };
}

/** What a column's value looks like in a PostgreSQL column of the given kind. */
export function cellSql(value: string, type: DuckDBType, target: CellTarget): CellSql {
  if (isNestedType(type)) {
    const text = `CASE WHEN ${value} IS NULL THEN NULL ELSE ${jsonOf(value, type, { use: 'cell', depth: 0 })} END`;
    // JSON text escapes every control character, but a JSON leaf is copied as it stands.
    return { text, needsEscape: true, faults: [nulFault(text)] };
  }
  if (type.typeId === DuckDBTypeId.BLOB) return blobCell(value, target);
  if (type.typeId === DuckDBTypeId.VARCHAR || type.typeId === DuckDBTypeId.ENUM) {
    const text = `CAST(${value} AS VARCHAR)`;
    return { text, needsEscape: true, faults: [nulFault(text)] };
  }
  const faults = lostPrecision(value, type, target);
  if (target === 'json' && !RAW_JSON_TYPES.has(type.typeId)) {
    const text = `CASE WHEN ${value} IS NULL THEN NULL ELSE ${jsonOf(value, type, { use: 'cell', depth: 0 })} END`;
    return { text, needsEscape: true, faults };
  }
  if (target === 'integer' && type instanceof DuckDBDecimalType && type.scale > 0) {
    return { text: `regexp_replace(CAST(${value} AS VARCHAR), '\\.0+$', '')`, needsEscape: false, faults };
  }
  return { text: scalarText(value, type), needsEscape: !isPlainText(type), faults };
}

/** Types whose text is digits, signs and letters only. */
function isPlainText(type: DuckDBType): boolean {
  return type.typeId !== DuckDBTypeId.GEOMETRY;
}

function blobCell(value: string, target: CellTarget): CellSql {
  if (target === 'bytea') return { text: hexText(value), needsEscape: true, faults: [] };
  // Old writers leave the text annotation out: bytes that are valid UTF-8 are taken as the text they spell.
  const text = `try(decode(${value}))`;
  return {
    text,
    needsEscape: true,
    faults: [
      {
        code: 'invalid_utf8',
        when: `(${value} IS NOT NULL AND ${text} IS NULL)`,
        detail: 'The bytes are not valid UTF-8 text.',
      },
      nulFault(text),
    ],
  };
}

/** PostgreSQL would round nanoseconds and cut times of day off without a word: such rows are rejected instead. */
function lostPrecision(value: string, type: DuckDBType, target: CellTarget): CellSql['faults'] {
  if (target === 'text' || target === 'json') return [];
  const isTimestamp = TIMESTAMP_TYPES.has(type.typeId);
  const faults: CellSql['faults'] = [];
  if (type.typeId === DuckDBTypeId.TIMESTAMP_NS || type.typeId === DuckDBTypeId.TIME_NS) {
    const finite =
      type.typeId === DuckDBTypeId.TIME_NS ? `${value} IS NOT NULL` : `isfinite(CAST(${value} AS TIMESTAMP))`;
    faults.push({
      code: 'precision_lost',
      when: `CASE WHEN ${finite} THEN epoch_ns(${value}) % 1000 <> 0 ELSE false END`,
      detail: 'The value has nanoseconds; PostgreSQL keeps microseconds.',
    });
  }
  if (isTimestamp && target === 'date') {
    const micros = `CAST(${value} AS TIMESTAMP)`;
    faults.push({
      code: 'precision_lost',
      when: `CASE WHEN isfinite(${micros}) THEN ${micros} <> date_trunc('day', ${micros}) ELSE false END`,
      detail: 'The value has a time of day; the column holds dates only.',
    });
  }
  return faults;
}

/**
 * The text as a field of COPY's text format. Asking first is nearly free and the escaping, done for every cell,
 * takes 2.7 times as long as the whole query without it (1M rows × 9 columns: 0.95 against 2.7 s; one regular
 * expression over all columns: 1.45 s).
 */
export function escapeSql(text: string): string {
  const escaped = `replace(replace(replace(replace(replace(${text}, '\\', '\\\\'), chr(10), '\\n'), chr(9), '\\t'), chr(13), '\\r'), chr(1), '\\x01')`;
  const specials = [`'\\'`, 'chr(10)', 'chr(9)', 'chr(13)', 'chr(1)'];
  return `CASE WHEN ${specials.map((special) => `contains(${text}, ${special})`).join(' OR ')} THEN ${escaped} ELSE ${text} END`;
}
