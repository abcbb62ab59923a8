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
import { sqlName, sqlText } from './duckdb-session.ts';
import {
  floatText,
  INTEGER_TYPES,
  isJson,
  isNestedType,
  RAW_JSON_TYPES,
  scalarText,
  TIMESTAMP_TYPES,
} from './duckdb-types.ts';

/** Whether JSON is made for PostgreSQL, which then refuses NaN, or to be shown, where NaN becomes a text. */
export type JsonUse = 'cell' | 'display';

/** Deeper than any real record; PostgreSQL and browsers stop at a few thousand levels. */
const MAX_NESTING = 64;

/**
 * DuckDB takes twice as long to plan a list inside a list per level: eight are planned at once, twenty-five took
 * minutes. It concerns only what `to_json` cannot do.
 */
const MAX_PLANNED_LISTS = 8;

/** What `to_json` writes exactly and as everybody else does. */
const PLAIN_TYPES = new Set<DuckDBTypeId>([
  ...INTEGER_TYPES,
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.ENUM,
  DuckDBTypeId.UUID,
  DuckDBTypeId.DATE,
  DuckDBTypeId.BIT,
  DuckDBTypeId.SQLNULL,
]);

interface JsonContext {
  use: JsonUse;
  depth: number;
  lists: number;
}

/**
 * JSON text of a value, the text `null` for NULL. DuckDB's `to_json` does what it does well; it sends numbers inside
 * JSON columns through a double, shows floats with the digits of a double and NaN as no JSON, and writes blobs and
 * times in spellings nobody else reads: nested values that hold such are put together here, at a quarter of its speed.
 */
export function jsonText(value: string, type: DuckDBType, use: JsonUse): string {
  return jsonOf(value, type, { use, depth: 0, lists: 0 });
}

/** As {@link jsonText}, but NULL for NULL. */
export function jsonOrNull(value: string, type: DuckDBType, use: JsonUse): string {
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE ${jsonText(value, type, use)} END`;
}

function jsonOf(value: string, type: DuckDBType, context: JsonContext): string {
  checkDepth(context.depth);
  if (isNestedType(type) && isPlain(type, context)) {
    return `coalesce(CAST(to_json(CAST(${value} AS ${exactType(type)})) AS VARCHAR), 'null')`;
  }
  return `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${jsonOfPresent(value, type, context)} END`;
}

function isPlain(type: DuckDBType, { use, depth }: JsonContext): boolean {
  checkDepth(depth);
  const inner = { use, depth: depth + 1, lists: 0 };
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return isPlain(type.valueType, inner);
  if (type instanceof DuckDBMapType) return isPlain(type.keyType, inner) && isPlain(type.valueType, inner);
  if (type instanceof DuckDBStructType) {
    return type.entryNames.every((name) => name !== '') && type.entryTypes.every((entry) => isPlain(entry, inner));
  }
  if (type.typeId === DuckDBTypeId.DOUBLE) return use === 'cell';
  // Widened it would still have no digit before the point.
  if (type instanceof DuckDBDecimalType && type.scale === 38) return false;
  return PLAIN_TYPES.has(type.typeId) && !isJson(type);
}

/** Whether there is JSON text somewhere in the value. */
export function holdsJson(type: DuckDBType): boolean {
  if (type instanceof DuckDBStructType) return type.entryTypes.some(holdsJson);
  if (type instanceof DuckDBMapType) return holdsJson(type.keyType) || holdsJson(type.valueType);
  return 'valueType' in type ? holdsJson(type.valueType as DuckDBType) : isJson(type);
}

/** The type in SQL, its decimals widened: `to_json` sends those of up to 15 digits through a double, 1.10 as 1.1. */
function exactType(type: DuckDBType): string {
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return `${exactType(type.valueType)}[]`;
  if (type instanceof DuckDBMapType) return `MAP(${exactType(type.keyType)}, ${exactType(type.valueType)})`;
  if (type instanceof DuckDBStructType) {
    const entries = type.entryTypes.map(
      (entry, index) => `${sqlName(type.entryNames[index] ?? '')} ${exactType(entry)}`,
    );
    return `STRUCT(${entries.join(', ')})`;
  }
  if (type instanceof DuckDBDecimalType) return `DECIMAL(38, ${type.scale})`;
  return type.typeId === DuckDBTypeId.ENUM ? 'VARCHAR' : String(type);
}

function checkDepth(depth: number): void {
  if (depth > MAX_NESTING) {
    throw new FormatFault('nesting_too_deep', `A column is nested deeper than ${MAX_NESTING} levels.`);
  }
}

function jsonOfPresent(value: string, type: DuckDBType, context: JsonContext): string {
  const inner = { ...context, depth: context.depth + 1 };
  const item = `x${inner.depth}`;
  if ('valueType' in type && ++inner.lists > MAX_PLANNED_LISTS) {
    throw new FormatFault('nesting_too_deep', `A column has more than ${MAX_PLANNED_LISTS} lists inside each other.`);
  }
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const each = jsonOf(item, type.valueType, inner);
    return `concat('[', array_to_string(list_transform(${value}, lambda ${item}: ${each}), ','), ']')`;
  }
  if (type instanceof DuckDBMapType) {
    const key = quoted(
      isNestedType(type.keyType)
        ? jsonOf(`struct_extract_at(${item}, 1)`, type.keyType, inner)
        : scalarText(`struct_extract_at(${item}, 1)`, type.keyType),
    );
    const each = `concat(${key}, ':', ${jsonOf(`struct_extract_at(${item}, 2)`, type.valueType, inner)})`;
    return `concat('{', array_to_string(list_transform(map_entries(${value}), lambda ${item}: ${each}), ','), '}')`;
  }
  if (type instanceof DuckDBStructType) {
    if (type.entryCount === 0) return `'{}'`;
    const fields = type.entryTypes.map((entryType, index) => {
      const name = sqlText(`${index === 0 ? '' : ','}${JSON.stringify(type.entryNames[index])}:`);
      return `${name}, ${jsonOf(`struct_extract_at(${value}, ${index + 1})`, entryType, inner)}`;
    });
    return `concat('{', ${fields.join(', ')}, '}')`;
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
  if (RAW_JSON_TYPES.has(type.typeId)) return scalarText(value, type);
  if (TIMESTAMP_TYPES.has(type.typeId)) return `'"' || ${isoTimestamp(scalarText(value, type))} || '"'`;
  return quoted(scalarText(value, type));
}

/** Any text as a JSON string. */
function quoted(text: string): string {
  return `CAST(to_json(${text}) AS VARCHAR)`;
}

/** RFC 3339 from DuckDB's spelling; years before 1 have none and stay as they are. */
function isoTimestamp(text: string): string {
  return `CASE WHEN contains(${text}, '(BC)') THEN ${text} ELSE regexp_replace(replace(${text}, ' ', 'T'), '\\+00$', 'Z') END`;
}

/** As {@link jsonText} for display, with bytes that are taken as text shown as the text. */
export function textOrJson(value: string, type: DuckDBType): string {
  const json = jsonText(value, type, 'display');
  return type.typeId === DuckDBTypeId.BLOB ? `coalesce(${quoted(`try(decode(${value}))`)}, ${json})` : json;
}
