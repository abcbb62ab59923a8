import { boolean, i8, i32, struct } from '#lib/formats/reader/thrift-writer.ts';

// Values as the encodings of Parquet write them, and logical types as its schema names them.

/** PLAIN integers of 32 bits. */
export const int32s = (...values: number[]): Buffer =>
  numbers(values, 4, (bytes, value, at) => bytes.writeInt32LE(value, at));

/** PLAIN integers of 64 bits. */
export const int64s = (...values: bigint[]): Buffer =>
  numbers(values, 8, (bytes, value, at) => bytes.writeBigInt64LE(value, at));

/** PLAIN floats. */
export const floats = (...values: number[]): Buffer =>
  numbers(values, 4, (bytes, value, at) => bytes.writeFloatLE(value, at));

/** PLAIN doubles. */
export const doubles = (...values: number[]): Buffer =>
  numbers(values, 8, (bytes, value, at) => bytes.writeDoubleLE(value, at));

function numbers<T>(values: T[], size: number, write: (bytes: Buffer, value: T, at: number) => void): Buffer {
  const bytes = Buffer.alloc(values.length * size);
  for (const [index, value] of values.entries()) write(bytes, value, index * size);
  return bytes;
}

/** Old timestamps: nanoseconds of the day, then the Julian day; given as nanoseconds since 1970. */
export function int96s(...nanos: bigint[]): Buffer {
  const perDay = 86_400_000_000_000n;
  return Buffer.concat(
    nanos.map((value) => {
      const ofDay = ((value % perDay) + perDay) % perDay;
      const bytes = Buffer.alloc(12);
      bytes.writeBigInt64LE(ofDay);
      bytes.writeInt32LE(Number((value - ofDay) / perDay) + 2_440_588, 8);
      return bytes;
    }),
  );
}

/** PLAIN texts or bytes of any length. */
export const byteArrays = (...values: (string | Buffer)[]): Buffer =>
  Buffer.concat(values.flatMap((value) => [int32s(Buffer.byteLength(value)), Buffer.from(value as Buffer)]));

/** PLAIN booleans, eight a byte. */
export function bits(...values: boolean[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [index, value] of values.entries())
    if (value) bytes[index >> 3] = (bytes[index >> 3] as number) | (1 << (index & 7));
  return bytes;
}

/** A big-endian two's complement of `size` bytes, as decimals have it. */
export const bigEndian = (value: bigint, size: number): Buffer =>
  Buffer.from(
    BigInt.asUintN(size * 8, value)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  );

/** BYTE_STREAM_SPLIT: the first bytes of all values, then the second ones, and so on. */
export function splitStreams(plain: Buffer, size: number): Buffer {
  const count = plain.length / size;
  return Buffer.from(Array.from(plain, (_, at) => plain[(at % count) * size + Math.floor(at / count)] as number));
}

/** DELTA_BINARY_PACKED in blocks of 128 values, four miniblocks each, every delta in 64 bits. */
export function deltaPacked(values: bigint[]): Buffer {
  const parts = [uleb(128n), uleb(4n), uleb(BigInt(values.length)), zigzag(values[0] ?? 0n)];
  for (let at = 1; at < values.length; at += 128) {
    // Of the last block only the miniblocks in use are written, each of them whole.
    const used = Math.ceil(Math.min(128, values.length - at) / 32);
    const deltas = Array.from({ length: used * 32 }, (_, index) =>
      at + index < values.length ? (values[at + index] as bigint) - (values[at + index - 1] as bigint) : 0n,
    ).map((delta) => BigInt.asIntN(64, delta));
    parts.push(zigzag(0n), Buffer.from([0, 1, 2, 3].map((block) => (block < used ? 64 : 0))), int64s(...deltas));
  }
  return Buffer.concat(parts);
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all texts. */
export const deltaLengths = (values: Buffer[]): Buffer =>
  Buffer.concat([deltaPacked(values.map((value) => BigInt(value.length))), ...values]);

/** DELTA_BYTE_ARRAY: how many bytes of the text before are repeated, and the rest. */
export function deltaTexts(values: string[]): Buffer {
  const texts = values.map((value) => Buffer.from(value));
  const shared = texts.map((bytes, index) => {
    const before = texts[index - 1] ?? Buffer.alloc(0);
    const end = bytes.findIndex((byte, at) => byte !== before[at]);
    return end === -1 ? bytes.length : end;
  });
  const rests = texts.map((bytes, index) => bytes.subarray(shared[index]));
  return Buffer.concat([deltaPacked(shared.map(BigInt)), deltaLengths(rests)]);
}

function uleb(value: bigint): Buffer {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return Buffer.from([...bytes, Number(value)]);
}

const zigzag = (value: bigint) => uleb(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));

const empty = struct([]);
const unit = { ms: 1, us: 2, ns: 3 } as const;
const moment = (id: number, isUtc: boolean, precision: keyof typeof unit) =>
  struct([
    [
      id,
      struct([
        [1, boolean(isUtc)],
        [2, struct([[unit[precision], empty]])],
      ]),
    ],
  ]).bytes;

/** Logical types of the schema. */
export const logical = {
  string: struct([[1, empty]]).bytes,
  enum: struct([[4, empty]]).bytes,
  date: struct([[6, empty]]).bytes,
  json: struct([[12, empty]]).bytes,
  bson: struct([[13, empty]]).bytes,
  uuid: struct([[14, empty]]).bytes,
  float16: struct([[15, empty]]).bytes,
  null: struct([[11, empty]]).bytes,
  decimal: (precision: number, scale: number) =>
    struct([
      [
        5,
        struct([
          [1, i32(scale)],
          [2, i32(precision)],
        ]),
      ],
    ]).bytes,
  integer: (bitWidth: number, isSigned: boolean) =>
    struct([
      [
        10,
        struct([
          [1, i8(bitWidth)],
          [2, boolean(isSigned)],
        ]),
      ],
    ]).bytes,
  time: (isUtc: boolean, precision: keyof typeof unit) => moment(7, isUtc, precision),
  timestamp: (isUtc: boolean, precision: keyof typeof unit) => moment(8, isUtc, precision),
};
