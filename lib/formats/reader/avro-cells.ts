import { isUtf8 } from 'node:buffer';
import { arrayLiteral } from '../array-literal.ts';
import { FormatFault } from '../format-fault.ts';
import type { AvroLogical, AvroType } from './avro-schema.ts';
import {
  dateText,
  decimalText,
  doubleText,
  durationText,
  floatText,
  timestampText,
  timeText,
  uuidText,
} from './avro-text.ts';
import { cellFault } from './copy-text.ts';
import { type CellFault, type CellFaultCode, type CellTarget, elementOf } from './protocol.ts';

/** As for rows of JSON: the text is in memory whole, and a list of nulls can claim any length in no bytes. */
const MAX_CELL_CHARS = 16 << 20;

/** Records may contain themselves; real lists and trees stay far below. */
const MAX_DEPTH = 256;

/** Reads the bytes of one block. */
export class AvroCursor {
  position = 0;
  /** Faults of the row being read, one per column. */
  faults: CellFault[] = [];
  /** Column being read, for the fault. */
  column = '';
  depth = 0;
  readonly data: Buffer;
  readonly #place: () => { detail: string; row: number };

  constructor(data: Buffer, place: () => { detail: string; row: number }) {
    this.data = data;
    this.#place = place;
  }

  /** What the bytes cannot mean. */
  corrupt(detail: string): FormatFault {
    const { detail: where, row } = this.#place();
    return new FormatFault('corrupt_file', `${where}: ${detail}`, { row });
  }

  /** Notes why the row cannot be handed on; the first reason of a column counts. */
  reject(code: CellFaultCode, detail?: string): void {
    if (this.faults.at(-1)?.column !== this.column) this.faults.push(cellFault(this.column, code, detail));
  }

  take(length: number): Buffer {
    const start = this.skip(length);
    return this.data.subarray(start, this.position);
  }

  /** Passes over some bytes; returns where they begin. */
  skip(length: number): number {
    const start = this.position;
    if (length < 0 || start + length > this.data.length) throw this.corrupt('a value is longer than its block.');
    this.position = start + length;
    return start;
  }

  byte(): number {
    const byte = this.data[this.position];
    if (byte === undefined) throw this.corrupt('a value is longer than its block.');
    this.position++;
    return byte;
  }

  /** Lengths, counts and positions in a list: small numbers, without the cost of a BigInt. */
  length(): number {
    const first = this.data[this.position];
    if (first !== undefined && first < 0x80) {
      this.position += 1;
      return (first >>> 1) ^ -(first & 1);
    }
    let value = 0;
    let factor = 1;
    for (let index = 0; index < 7; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
    throw this.corrupt('a length is larger than any file.');
  }

  long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value & 1n ? -(value >> 1n) - 1n : value >> 1n);
    }
    throw this.corrupt('an integer has more than 64 bits.');
  }

  /** Text of a long. Most are short enough for a number, which is four times as fast. */
  longText(): string {
    const bytes = this.data;
    let value = 0;
    let factor = 1;
    for (let index = this.position; index < this.position + 7; index++) {
      const byte = bytes[index];
      if (byte === undefined) break;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        this.position = index + 1;
        return String(value % 2 === 0 ? value / 2 : -(value + 1) / 2);
      }
      factor *= 128;
    }
    return String(this.long());
  }

  /** Text of bytes that have to be UTF-8. */
  text(bytes: Buffer): string {
    const text = bytes.toString('utf8');
    // Only a replacement character can hide bytes that are no text.
    if (text.includes('\ufffd')) this.requireUtf8(bytes);
    return text;
  }

  requireUtf8(bytes: Buffer): void {
    if (!isUtf8(bytes)) this.reject('invalid_utf8', 'The bytes are not valid UTF-8 text.');
  }
}

/** Reads one value and returns its text, null for null. */
export type AvroRead = (cursor: AvroCursor) => string | null;

/**
 * How values are written: as a cell of a kind of column (`json` null), or inside JSON, for PostgreSQL or to be shown.
 */
type AvroUse = { target: CellTarget; json: null | 'cell' | 'display' };

/** Compiles the reader of a column. */
export function compileCell(type: AvroType, target: CellTarget): AvroRead {
  const read = compile(type, { target, json: null });
  const element = elementOf(target);
  return (cursor) => {
    const cell = read(cursor);
    const text = cell === null || element === null ? cell : arrayLiteral(cell, element);
    if (text?.includes('\0')) cursor.reject('nul_character');
    return text;
  };
}

/** Passes over a text and returns where it begins; -1 for null. It ends at the cursor. */
export type AvroSkip = (cursor: AvroCursor) => number;

/** Compiles what finds the texts of a column whose cells are their very bytes; null for any other. */
export function compileSkip(type: AvroType, target: CellTarget): AvroSkip | null {
  if (elementOf(target) !== null) return null;
  if (type.kind === 'string') return skipString;
  if (type.kind !== 'union') return null;
  const { branches } = type;
  if (branches.filter(({ kind }) => kind === 'string').length !== 1) return null;
  if (branches.some(({ kind }) => kind !== 'string' && kind !== 'null')) return null;
  const skips = branches.map(({ kind }): AvroSkip => (kind === 'string' ? skipString : () => -1));
  return (cursor) => branchOf(skips, cursor)(cursor);
}

function skipString(cursor: AvroCursor): number {
  return cursor.skip(cursor.length());
}

function branchOf<Read>(reads: readonly Read[], cursor: AvroCursor): Read {
  const read = reads[cursor.length()];
  if (read === undefined) throw cursor.corrupt('a value is none of its union.');
  return read;
}

/** Compiles a reader of JSON to be shown, where NaN is a text; bytes are text if `isText` and they are valid. */
export function compileDisplay(type: AvroType, isText: boolean): AvroRead {
  return compile(type, { target: isText ? 'text' : 'bytea', json: 'display' });
}

function compile(type: AvroType, use: AvroUse): AvroRead {
  switch (type.kind) {
    case 'null':
      return () => null;
    case 'boolean':
      return (cursor) => (cursor.byte() === 0 ? 'false' : 'true');
    case 'float':
      return (cursor) => nonFinite(floatText(cursor.take(4).readFloatLE()), use);
    case 'double':
      return (cursor) => nonFinite(doubleText(cursor.take(8).readDoubleLE()), use);
    case 'int':
    case 'long':
      return compileInteger(type.logical, use);
    case 'string':
      return use.json === null ? readString : (cursor) => JSON.stringify(readString(cursor));
    case 'bytes':
      return compileBytes((cursor) => cursor.take(cursor.length()), type.logical, use);
    case 'fixed':
      return compileBytes((cursor) => cursor.take(type.size), type.logical, use);
    case 'enum':
      return quoting(use, (cursor) => {
        const symbol = type.symbols[cursor.length()];
        if (symbol === undefined) throw cursor.corrupt('a value is none of its enum.');
        return symbol;
      });
    case 'union':
      return compileUnion(type.branches, use);
    default:
      // The same object all the way down, by which a record that contains itself is known again.
      return nested(compileNested(type, use.json === null ? { target: use.target, json: 'cell' } : use));
  }
}

function readString(cursor: AvroCursor): string {
  return cursor.text(cursor.take(cursor.length()));
}

function nonFinite(text: string, use: AvroUse): string {
  return use.json === 'display' && /[NI]/.test(text) ? `"${text}"` : text;
}

/** Values that JSON has no kind for are strings there. */
function quoting(use: AvroUse, read: (cursor: AvroCursor) => string): AvroRead {
  return isJson(use) ? (cursor) => JSON.stringify(read(cursor)) : read;
}

function isJson(use: AvroUse): boolean {
  return use.json !== null || use.target === 'json';
}

function compileInteger(logical: AvroLogical | undefined, use: AvroUse): AvroRead {
  if (logical?.name === 'date') return quoting(use, (cursor) => dateText(Number(cursor.long())));
  if (logical?.name === 'time') {
    const { unitsPerSecond } = logical;
    return quoting(use, (cursor) => {
      const value = cursor.long();
      if (isJudged(use)) rejectNanos(cursor, value, unitsPerSecond);
      return timeText(value, unitsPerSecond);
    });
  }
  if (logical?.name === 'timestamp' || logical?.name === 'local-timestamp') {
    const { unitsPerSecond } = logical;
    const style = isJson(use) ? 'iso' : 'postgres';
    const mayLose = isJudged(use);
    const isDate = use.target === 'date' || use.target === 'dateArray';
    return quoting(use, (cursor) => {
      const value = cursor.long();
      if (mayLose) rejectNanos(cursor, value, unitsPerSecond);
      if (mayLose && isDate && value % (unitsPerSecond * 86_400n) !== 0n) {
        cursor.reject('precision_lost', 'The value has a time of day; the column holds dates only.');
      }
      return timestampText(value, logical, style);
    });
  }
  return (cursor) => cursor.longText();
}

/** Whether the text goes to a type of PostgreSQL's that may hold less than it says: not in text, not in JSON. */
function isJudged(use: AvroUse): boolean {
  if (use.json === 'cell') return use.target === 'array' || use.target === 'dateArray';
  return !isJson(use) && use.target !== 'text';
}

function rejectNanos(cursor: AvroCursor, value: bigint, unitsPerSecond: bigint): void {
  if (unitsPerSecond === 1_000_000_000n && value % 1000n !== 0n) {
    cursor.reject('precision_lost', 'The value has nanoseconds; PostgreSQL keeps microseconds.');
  }
}

function compileBytes(take: (cursor: AvroCursor) => Buffer, logical: AvroLogical | undefined, use: AvroUse): AvroRead {
  if (logical?.name === 'decimal') {
    const { scale } = logical;
    const isInteger = use.target === 'integer' && use.json === null;
    return (cursor) => {
      const text = decimalText(take(cursor), scale);
      return isInteger ? text.replace(/\.0+$/, '') : text;
    };
  }
  if (logical?.name === 'uuid') return quoting(use, (cursor) => uuidText(take(cursor)));
  if (logical?.name === 'duration') return quoting(use, (cursor) => durationText(take(cursor)));
  const isHex = use.json === 'cell' || use.target === 'bytea';
  const read = (cursor: AvroCursor) => {
    const bytes = take(cursor);
    const isText = !isHex && (use.json === null || isUtf8(bytes));
    return isText ? cursor.text(bytes) : `\\x${bytes.toString('hex')}`;
  };
  return use.json === null ? read : (cursor) => JSON.stringify(read(cursor));
}

function compileUnion(branches: AvroType[], use: AvroUse): AvroRead {
  // Beside a number a string is a value, not JSON that somebody wrote as text.
  const isMixed =
    use.json === null && use.target === 'json' && branches.filter(({ kind }) => kind !== 'null').length > 1;
  const inside: AvroUse = isMixed ? { target: use.target, json: 'cell' } : use;
  const reads = branches.map((branch) => compile(branch, inside));
  return (cursor) => branchOf(reads, cursor)(cursor);
}

function nested(read: (cursor: AvroCursor) => string): AvroRead {
  return (cursor) => {
    if (++cursor.depth > MAX_DEPTH) {
      throw new FormatFault('nesting_too_deep', `A value is nested deeper than ${MAX_DEPTH} levels.`);
    }
    const text = read(cursor);
    cursor.depth--;
    return text;
  };
}

const compiledRecords = new WeakMap<AvroUse, Map<AvroType, (cursor: AvroCursor) => string>>();

function compileNested(
  type: Extract<AvroType, { kind: 'array' | 'map' | 'record' }>,
  use: AvroUse,
): (cursor: AvroCursor) => string {
  if (type.kind === 'record') return compileRecord(type, use);
  const read = compile(type.items, use);
  const isMap = type.kind === 'map';
  return (cursor) => {
    let text = '';
    for (let count = itemCount(cursor); count > 0; count = itemCount(cursor)) {
      for (; count > 0; count--) {
        const key = isMap ? `${JSON.stringify(cursor.text(cursor.take(cursor.length())))}:` : '';
        text += `${text === '' ? '' : ','}${key}${read(cursor) ?? 'null'}`;
        if (text.length > MAX_CELL_CHARS) {
          throw new FormatFault('row_too_large', `A value is longer than ${MAX_CELL_CHARS} characters.`);
        }
      }
    }
    return isMap ? `{${text}}` : `[${text}]`;
  };
}

/** Items come in groups; a negative count is followed by the group's size in bytes. */
function itemCount(cursor: AvroCursor): number {
  const count = cursor.length();
  if (count >= 0) return count;
  cursor.length();
  return -count;
}

/** A record that contains itself is compiled once. */
function compileRecord(type: Extract<AvroType, { kind: 'record' }>, use: AvroUse): (cursor: AvroCursor) => string {
  const known = compiledRecords.get(use) ?? new Map<AvroType, (cursor: AvroCursor) => string>();
  compiledRecords.set(use, known);
  const before = known.get(type);
  if (before !== undefined) return before;
  let fields: { key: string; read: AvroRead }[] = [];
  const read = (cursor: AvroCursor) => {
    let text = '';
    for (const field of fields) text += `${text === '' ? '' : ','}${field.key}${field.read(cursor) ?? 'null'}`;
    return `{${text}}`;
  };
  known.set(type, read);
  fields = type.fields.map((field) => ({ key: `${JSON.stringify(field.name)}:`, read: compile(field.type, use) }));
  return read;
}
