import type { FiguraColumn } from './figura.ts';

/** What a typed file should call a column. Text is taken for every type as well, and read as PostgreSQL reads it. */
export interface FileTypes {
  /** Logical type in Parquet. */
  parquet: string;
  /** Type in Avro, the logical one where there is one. */
  avro: string;
}

const TEXT: FileTypes = { parquet: 'STRING', avro: 'string' };
// The widest a Parquet reader holds exactly; anything longer travels as text.
const MAX_PRECISION = 38;

/** Types by their name in the catalogue, modifiers left out. */
const TYPES: Record<string, FileTypes> = {
  smallint: { parquet: 'INT32', avro: 'int' },
  integer: { parquet: 'INT32', avro: 'int' },
  bigint: { parquet: 'INT64', avro: 'long' },
  real: { parquet: 'FLOAT', avro: 'float' },
  'double precision': { parquet: 'DOUBLE', avro: 'double' },
  boolean: { parquet: 'BOOLEAN', avro: 'boolean' },
  date: { parquet: 'DATE', avro: 'date' },
  'time without time zone': { parquet: 'TIME(MICROS)', avro: 'time-micros' },
  'timestamp without time zone': { parquet: 'TIMESTAMP(MICROS)', avro: 'local-timestamp-micros' },
  'timestamp with time zone': { parquet: 'TIMESTAMP(MICROS, UTC)', avro: 'timestamp-micros' },
  uuid: { parquet: 'UUID', avro: 'uuid' },
  bytea: { parquet: 'BYTE_ARRAY', avro: 'bytes' },
  json: { parquet: 'JSON', avro: 'string' },
  jsonb: { parquet: 'JSON', avro: 'string' },
};

/** A domain has a name of its own: what stands below it is known by its kind. */
const BY_CATEGORY: Partial<Record<FiguraColumn['category'], FileTypes>> = {
  integer: { parquet: 'INT64', avro: 'long' },
  boolean: TYPES.boolean,
  date: TYPES.date,
  json: TYPES.json,
  bytea: TYPES.bytea,
};

/** The Parquet and Avro types a column is best written as. */
export function fileTypesOf({ type, category }: Pick<FiguraColumn, 'type' | 'category'>): FileTypes {
  if (type.endsWith('[]')) {
    const element = fileTypesOf({ type: type.slice(0, -2), category: 'other' });
    return { parquet: `LIST<${element.parquet}>`, avro: `array<${element.avro}>` };
  }
  const [, precision, scale] = /^numeric\((\d+),(-?\d+)\)$/.exec(type) ?? [];
  if (precision && Number(precision) <= MAX_PRECISION && Number(scale) >= 0 && Number(scale) <= Number(precision)) {
    return { parquet: `DECIMAL(${precision}, ${scale})`, avro: `decimal(${precision}, ${scale})` };
  }
  const name = type.replace(/\(\d+(,-?\d+)?\)/, '');
  if (Object.hasOwn(TYPES, name)) return TYPES[name] as FileTypes;
  return BY_CATEGORY[category] ?? TEXT;
}
