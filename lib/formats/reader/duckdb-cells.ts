import {
  DuckDBArrayType,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import type { ArrayElement } from '../array-literal.ts';
import { holdsJson, jsonOrNull } from './duckdb-json.ts';
import { ARRAY_LITERAL } from './duckdb-session.ts';
import {
  hexText,
  isNestedType,
  outsideSql,
  plainMoment,
  RAW_JSON_TYPES,
  scalarText,
  TIMESTAMP_TYPES,
} from './duckdb-types.ts';
import { type CellFaultCode, type CellTarget, elementOf } from './protocol.ts';

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
  const element = elementOf(target);
  if (element === null) return scalarCell(value, type, target);
  const { faults, ...cell } = arrayCell(scalarCell(value, type, target), element);
  return { ...cell, faults: [...faults, ...lostInside(value, type, target)] };
}

/** A cell of an array column: what is a list in JSON becomes PostgreSQL's `{…}`. */
export function arrayCell(cell: CellSql, element: ArrayElement): CellSql {
  const text = `${ARRAY_LITERAL}(${cell.text}, '${element}')`;
  // A NUL may come out of an escape that the list was written with.
  const others = cell.faults.filter(({ code }) => code !== 'nul_character');
  return { text, needsEscape: true, faults: [...others, nulFault(text)] };
}

function scalarCell(value: string, type: DuckDBType, target: CellTarget): CellSql {
  if (isNestedType(type)) {
    const text = jsonOrNull(value, type, 'cell');
    // JSON text escapes every control character, but a JSON leaf is copied as it stands.
    const faults = holdsJson(type) ? [nulFault(text)] : [];
    return { text, needsEscape: true, faults: [...outsideFault(value, type), ...faults] };
  }
  if (type.typeId === DuckDBTypeId.BLOB) return blobCell(value, target);
  if (type.typeId === DuckDBTypeId.VARCHAR || type.typeId === DuckDBTypeId.ENUM) {
    const text = `CAST(${value} AS VARCHAR)`;
    return { text, needsEscape: true, faults: [nulFault(text)] };
  }
  const faults = [...outsideFault(value, type), ...lostPrecision(value, type, target)];
  if (target === 'json' && !RAW_JSON_TYPES.has(type.typeId)) {
    const text = jsonOrNull(value, type, 'cell');
    return { text, needsEscape: true, faults };
  }
  if (target === 'integer' && type instanceof DuckDBDecimalType && type.scale > 0) {
    return { text: `regexp_replace(${scalarText(value, type)}, '\\.0+$', '')`, needsEscape: false, faults };
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

/** Of values that are none of their type, also inside lists and records. */
function outsideFault(value: string, type: DuckDBType): CellSql['faults'] {
  const when = outsideInside(value, type);
  return when === null
    ? []
    : [
        {
          code: 'invalid_value',
          when: `coalesce(${when}, false)`,
          detail: 'The value is outside the range of its type.',
        },
      ];
}

function outsideInside(value: string, type: DuckDBType, depth = 0): string | null {
  const item = `z${depth}`;
  const anyOf = (list: string, itemType: DuckDBType) => {
    const when = outsideInside(item, itemType, depth + 1);
    return when === null ? null : `len(list_filter(${list}, lambda ${item}: coalesce(${when}, false))) > 0`;
  };
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return anyOf(value, type.valueType);
  if (type instanceof DuckDBMapType) {
    return eitherOf([anyOf(`map_keys(${value})`, type.keyType), anyOf(`map_values(${value})`, type.valueType)]);
  }
  if (type instanceof DuckDBStructType) {
    return eitherOf(
      type.entryTypes.map((entry, index) => outsideInside(`struct_extract_at(${value}, ${index + 1})`, entry, depth)),
    );
  }
  return outsideSql(value, type);
}

function eitherOf(conditions: (string | null)[]): string | null {
  const some = conditions.filter((condition) => condition !== null).map((condition) => `coalesce(${condition}, false)`);
  return some.length === 0 ? null : `(${some.join(' OR ')})`;
}

/** PostgreSQL would round nanoseconds and cut times of day off without a word: such rows are rejected instead. */
function lostPrecision(value: string, type: DuckDBType, target: CellTarget): CellSql['faults'] {
  const faults: CellSql['faults'] = [];
  if (type.typeId === DuckDBTypeId.TIMESTAMP_NS) {
    // To pandas the last nanosecond is a time in 2262, to DuckDB it is infinity.
    const when = `NOT isfinite(CAST(${value} AS TIMESTAMP))`;
    faults.push({ code: 'precision_lost', when, detail: 'The value is the first or last that nanoseconds can hold.' });
  }
  if (target === 'text' || target === 'json') return faults;
  const isTimestamp = TIMESTAMP_TYPES.has(type.typeId);
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
    const micros = plainMoment(value, type);
    faults.push({
      code: 'precision_lost',
      when: `CASE WHEN isfinite(${value}) AND ${value} >= '-infinity' THEN ${micros} <> date_trunc('day', ${micros}) ELSE false END`,
      detail: 'The value has a time of day; the column holds dates only.',
    });
  }
  return faults;
}

/** As {@link lostPrecision}, of the items of a list that becomes an array. */
function lostInside(value: string, type: DuckDBType, target: CellTarget, depth = 0): CellSql['faults'] {
  if (!(type instanceof DuckDBListType || type instanceof DuckDBArrayType)) return [];
  const item = `y${depth}`;
  const inside = isNestedType(type.valueType)
    ? lostInside(item, type.valueType, target, depth + 1)
    : lostPrecision(item, type.valueType, target === 'dateArray' ? 'date' : 'other');
  return inside.map(({ when, ...fault }) => ({
    ...fault,
    when: `coalesce(len(list_filter(${value}, lambda ${item}: coalesce(${when}, false))) > 0, false)`,
  }));
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
