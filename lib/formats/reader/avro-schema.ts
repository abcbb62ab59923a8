import { FormatFault } from '../format-fault.ts';

/** What a value means beyond its encoding. */
export type AvroLogical =
  | { name: 'decimal'; scale: number }
  | { name: 'date' | 'uuid' | 'duration' }
  | { name: 'time' | 'timestamp' | 'local-timestamp'; unitsPerSecond: bigint };

interface AvroField {
  name: string;
  type: AvroType;
}

/** A schema with its references resolved; records may contain themselves. */
export type AvroType =
  | { kind: 'null' | 'boolean' | 'float' | 'double' }
  | { kind: 'int' | 'long' | 'bytes' | 'string'; logical?: AvroLogical }
  | { kind: 'fixed'; size: number; logical?: AvroLogical }
  | { kind: 'enum'; symbols: string[] }
  | { kind: 'array' | 'map'; items: AvroType }
  | { kind: 'record'; name: string; fields: AvroField[] }
  | { kind: 'union'; branches: AvroType[] };

export type AvroRecord = Extract<AvroType, { kind: 'record' }>;

const MAX_FIELDS = 10_000;
const MAX_DEPTH = 128;
const UNITS: Record<string, bigint> = { millis: 1000n, micros: 1_000_000n, nanos: 1_000_000_000n };

function fail(detail: string): never {
  throw new FormatFault('corrupt_file', `The Avro schema is not valid: ${detail}`);
}

interface Scope {
  names: Map<string, AvroType>;
  namespace: string;
  depth: number;
  count: { fields: number };
}

/** Reads the schema of a file, whose rows must be records. */
export function parseAvroSchema(text: string): AvroRecord {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    fail('it is not JSON.');
  }
  const type = parseType(schema, { names: new Map(), namespace: '', depth: 0, count: { fields: 0 } });
  if (type.kind !== 'record') {
    throw new FormatFault('unsupported_type', `The rows of the Avro file are of type ${type.kind}, not records.`);
  }
  return type;
}

function parseType(schema: unknown, outer: Scope): AvroType {
  const scope = { ...outer, depth: outer.depth + 1 };
  if (scope.depth > MAX_DEPTH) throw new FormatFault('nesting_too_deep', 'The Avro schema is nested too deep.');
  if (typeof schema === 'string') return parseNamed(schema, scope);
  if (Array.isArray(schema)) {
    if (schema.length === 0) fail('a union has no branches.');
    return { kind: 'union', branches: schema.map((branch) => parseType(branch, scope)) };
  }
  if (typeof schema !== 'object' || schema === null) fail('a type is neither a name nor an object.');
  const definition = schema as Record<string, unknown>;
  switch (definition.type) {
    case 'record':
    case 'error':
      return parseRecord(definition, scope);
    case 'enum':
      return parseEnum(definition, scope);
    case 'fixed':
      return parseFixed(definition, scope);
    case 'array':
      return { kind: 'array', items: parseType(definition.items, scope) };
    case 'map':
      return { kind: 'map', items: parseType(definition.values, scope) };
    default:
      return withLogical(parseType(definition.type, scope), definition);
  }
}

function parseNamed(name: string, { names, namespace }: Scope): AvroType {
  switch (name) {
    case 'null':
    case 'boolean':
    case 'float':
    case 'double':
    case 'int':
    case 'long':
    case 'bytes':
    case 'string':
      return { kind: name };
  }
  return names.get(fullName(name, namespace)) ?? names.get(name) ?? fail(`${JSON.stringify(name)} is not defined.`);
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}

/** Enters a definition under its name and returns the scope inside it. */
function define(definition: Record<string, unknown>, scope: Scope, type: AvroType): Scope {
  if (typeof definition.name !== 'string') fail('a definition has no name.');
  const stated = typeof definition.namespace === 'string' ? definition.namespace : scope.namespace;
  const name = fullName(definition.name, stated);
  if (scope.names.has(name)) fail(`${JSON.stringify(name)} is defined twice.`);
  scope.names.set(name, type);
  return { ...scope, namespace: name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '' };
}

function parseRecord(definition: Record<string, unknown>, scope: Scope): AvroType {
  const record: AvroRecord = { kind: 'record', name: String(definition.name), fields: [] };
  const inner = define(definition, scope, record);
  if (!Array.isArray(definition.fields)) fail('a record has no fields.');
  inner.count.fields += definition.fields.length;
  if (inner.count.fields > MAX_FIELDS) {
    throw new FormatFault('too_many_columns', `The Avro schema has more than ${MAX_FIELDS} fields.`);
  }
  for (const field of definition.fields as unknown[]) {
    const { name, type } = (field ?? {}) as { name?: unknown; type?: unknown };
    if (typeof name !== 'string') fail('a field has no name.');
    record.fields.push({ name, type: parseType(type, inner) });
  }
  return record;
}

function parseEnum(definition: Record<string, unknown>, scope: Scope): AvroType {
  const symbols = definition.symbols;
  if (!Array.isArray(symbols) || !symbols.every((symbol) => typeof symbol === 'string'))
    fail('an enum has no symbols.');
  const type: AvroType = { kind: 'enum', symbols };
  define(definition, scope, type);
  return type;
}

function parseFixed(definition: Record<string, unknown>, scope: Scope): AvroType {
  const size = definition.size;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) fail('a fixed type has no size.');
  const type = withLogical({ kind: 'fixed', size }, definition);
  define(definition, scope, type);
  return type;
}

/** A logical type that does not fit its encoding is ignored, as the specification asks. */
function withLogical(type: AvroType, definition: Record<string, unknown>): AvroType {
  const logical = logicalOf(type, definition);
  return logical === null ? type : ({ ...type, logical } as AvroType);
}

function logicalOf(type: AvroType, definition: Record<string, unknown>): AvroLogical | null {
  const name = definition.logicalType;
  if (typeof name !== 'string') return null;
  if (name === 'decimal' && (type.kind === 'bytes' || type.kind === 'fixed')) {
    const scale = definition.scale ?? 0;
    return typeof scale === 'number' && Number.isInteger(scale) && scale >= 0 && scale <= 1000 ? { name, scale } : null;
  }
  if (name === 'uuid' && (type.kind === 'string' || (type.kind === 'fixed' && type.size === 16))) return { name };
  if (name === 'duration' && type.kind === 'fixed' && type.size === 12) return { name };
  if (name === 'date' && type.kind === 'int') return { name };
  const [, base, unit] = /^(time|timestamp|local-timestamp)-(millis|micros|nanos)$/.exec(name) ?? [];
  const unitsPerSecond = UNITS[unit ?? ''];
  if (base === undefined || unitsPerSecond === undefined) return null;
  if (type.kind === 'long' || (type.kind === 'int' && name === 'time-millis')) {
    return { name: base as 'time' | 'timestamp' | 'local-timestamp', unitsPerSecond };
  }
  return null;
}

/** The type in words, for messages. */
export function avroTypeName(type: AvroType): string {
  switch (type.kind) {
    case 'union':
      return type.branches.map(avroTypeName).join(' | ');
    case 'array':
    case 'map':
      return `${type.kind} of ${type.items.kind}`;
    case 'record':
      return `record ${type.name}`;
    default:
      return 'logical' in type && type.logical !== undefined ? `${type.kind} (${type.logical.name})` : type.kind;
  }
}

/** Whether some of the values are lists, maps or records. */
export function isNestedAvro(type: AvroType): boolean {
  if (type.kind === 'union') return type.branches.some(isNestedAvro);
  return type.kind === 'array' || type.kind === 'map' || type.kind === 'record';
}
