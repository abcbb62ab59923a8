/** A value in Thrift's compact protocol and the number of its type. */
export interface ThriftValue {
  type: number;
  bytes: Buffer;
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return [...bytes, Number(value)];
}

const zigzag = (value: bigint) => Buffer.from(varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))));

/** A 32-bit integer. */
export const i32 = (value: number): ThriftValue => ({ type: 5, bytes: zigzag(BigInt(value)) });

/** A 64-bit integer. */
export const i64 = (value: number | bigint): ThriftValue => ({ type: 6, bytes: zigzag(BigInt(value)) });

/** A single byte. */
export const i8 = (value: number): ThriftValue => ({ type: 3, bytes: Buffer.from([value & 255]) });

/** A boolean as a field of a struct, whose value is its type. */
export const boolean = (value: boolean): ThriftValue => ({ type: value ? 1 : 2, bytes: Buffer.alloc(0) });

/** Text or bytes. */
export function text(value: string): ThriftValue {
  const bytes = Buffer.from(value);
  return { type: 8, bytes: Buffer.concat([Buffer.from(varint(BigInt(bytes.length))), bytes]) };
}

/** A list of values of one type. */
export function list(items: ThriftValue[]): ThriftValue {
  const type = items[0]?.type ?? 12;
  const header = items.length < 15 ? [(items.length << 4) | type] : [0xf0 | type, ...varint(BigInt(items.length))];
  return { type: 9, bytes: Buffer.concat([Buffer.from(header), ...items.map(({ bytes }) => bytes)]) };
}

/** A struct of fields by number, ascending; null leaves a field out. */
export function struct(fields: [id: number, value: ThriftValue | null][]): ThriftValue {
  const parts: Buffer[] = [];
  let last = 0;
  for (const [id, value] of fields) {
    if (value === null) continue;
    const step = id - last;
    parts.push(
      step < 16
        ? Buffer.from([(step << 4) | value.type])
        : Buffer.concat([Buffer.from([value.type]), zigzag(BigInt(id))]),
    );
    parts.push(value.bytes);
    last = id;
  }
  return { type: 12, bytes: Buffer.concat([...parts, Buffer.from([0])]) };
}
