import { FormatFault } from '../format-fault.ts';
import type { ThriftValue } from './thrift-writer.ts';

// Thrift's compact protocol, one level at a time: a field is its type and its bytes, undecoded, so that what is not
// understood can be written again as it was. Whatever a length claims, nothing is read beyond the bytes at hand.

/** The fields of a struct by number. */
export type ThriftFields = Map<number, ThriftValue>;

/** The bytes ended inside a value: more of them may help. */
export class ThriftCutOff extends FormatFault {
  constructor() {
    super('corrupt_file', 'The Parquet data is damaged: a header ends too early.');
  }
}

/** Deeper than anything in Parquet; the schema is a list, however deep the columns are. */
const MAX_DEPTH = 32;

const TYPE = { true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, set: 10, map: 11 };
const STRUCT = 12;

class Cursor {
  at: number;
  readonly bytes: Buffer;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new ThriftCutOff();
    return byte;
  }

  skip(length: number): void {
    this.at += length;
    if (this.at > this.bytes.length) throw new ThriftCutOff();
  }

  skipVarint(): void {
    for (let length = 1; this.byte() > 127; length++) if (length === 10) throw damaged();
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw damaged();
  }

  /** A length or a count: what does not fit 32 bits is none. */
  size(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 35; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw damaged();
  }
}

const damaged = () => new FormatFault('corrupt_file', 'The Parquet data is damaged: a header is no Thrift.');

const zigzag = (value: bigint) => (value >> 1n) ^ -(value & 1n);

/**
 * The fields of the struct that begins at an offset, and the offset after it. To leave out the ones that nobody asks for
 * takes half the time of a large footer. Throws {@link ThriftCutOff}.
 */
export function readStruct(bytes: Buffer, at = 0, wanted?: readonly number[]): { fields: ThriftFields; end: number } {
  const cursor = new Cursor(bytes, at);
  const fields: ThriftFields = new Map();
  eachField(cursor, (id, type) => {
    const start = cursor.at;
    skipValue(cursor, type, 0);
    if (wanted === undefined || wanted.includes(id)) fields.set(id, { type, bytes: bytes.subarray(start, cursor.at) });
  });
  return { fields, end: cursor.at };
}

/** The fields of a value that is a struct; none where there is no value. */
export function fieldsOf(value: ThriftValue | undefined, wanted?: readonly number[]): ThriftFields {
  if (value === undefined) return new Map();
  if (value.type !== STRUCT) throw damaged();
  return readStruct(value.bytes, 0, wanted).fields;
}

/** The items of a value that is a list; none where there is no value. */
export function itemsOf(value: ThriftValue | undefined): ThriftValue[] {
  if (value === undefined) return [];
  if (value.type !== TYPE.list) throw damaged();
  const cursor = new Cursor(value.bytes);
  const { type, count } = listHead(cursor);
  return Array.from({ length: count }, () => {
    const start = cursor.at;
    skipItem(cursor, type, 0);
    return { type, bytes: value.bytes.subarray(start, cursor.at) };
  });
}

/** An integer of any width as a number; null where there is no value. */
export function intOf(value: ThriftValue | undefined): number | null {
  if (value === undefined) return null;
  if (value.type === TYPE.byte) return value.bytes.readInt8(0);
  if (value.type !== TYPE.i16 && value.type !== TYPE.i32 && value.type !== TYPE.i64) throw damaged();
  return Number(zigzag(new Cursor(value.bytes).varint()));
}

/** Whether a field is a boolean that is true. */
export function isTrue(value: ThriftValue | undefined): boolean {
  return value?.type === TYPE.true;
}

function eachField(cursor: Cursor, visit: (id: number, type: number) => void): void {
  let id = 0;
  while (true) {
    const head = cursor.byte();
    if (head === 0) return;
    id = head >> 4 === 0 ? Number(zigzag(cursor.varint())) : id + (head >> 4);
    visit(id, head & 15);
  }
}

function listHead(cursor: Cursor): { type: number; count: number } {
  const head = cursor.byte();
  const count = head >> 4 === 15 ? cursor.size() : head >> 4;
  // Every item has a byte at least.
  if (count > cursor.bytes.length - cursor.at) throw new ThriftCutOff();
  return { type: head & 15, count };
}

/** Inside a list a boolean is a byte; as a field it is its type. */
function skipItem(cursor: Cursor, type: number, depth: number): void {
  if (type === TYPE.true || type === TYPE.false) cursor.skip(1);
  else skipValue(cursor, type, depth);
}

function skipValue(cursor: Cursor, type: number, depth: number): void {
  if (depth > MAX_DEPTH) throw damaged();
  if (type === TYPE.true || type === TYPE.false) return;
  if (type === TYPE.byte) cursor.skip(1);
  else if (type >= TYPE.i16 && type <= TYPE.i64) cursor.skipVarint();
  else if (type === TYPE.double) cursor.skip(8);
  else if (type === TYPE.binary) cursor.skip(cursor.size());
  else if (type === TYPE.list || type === TYPE.set) {
    const { type: item, count } = listHead(cursor);
    for (let done = 0; done < count; done++) skipItem(cursor, item, depth + 1);
  } else if (type === TYPE.map) skipMap(cursor, depth);
  else if (type === STRUCT) eachField(cursor, (_id, inner) => skipValue(cursor, inner, depth + 1));
  else throw damaged();
}

function skipMap(cursor: Cursor, depth: number): void {
  const count = cursor.size();
  if (count === 0) return;
  const types = cursor.byte();
  for (let done = 0; done < count; done++) {
    skipItem(cursor, types >> 4, depth + 1);
    skipItem(cursor, types & 15, depth + 1);
  }
}
