import type { FileHandle } from 'node:fs/promises';
import { FormatFault } from '../format-fault.ts';
import { fieldsOf, intOf, itemsOf, readStruct, type ThriftFields } from './thrift-reader.ts';
import { struct, type ThriftValue } from './thrift-writer.ts';

/** Numbers of Parquet's own list, as far as they are asked for. */
export const PARQUET = {
  codec: { UNCOMPRESSED: 0, SNAPPY: 1, GZIP: 2, BROTLI: 4, LZ4: 5, ZSTD: 6, LZ4_RAW: 7 },
  encoding: { PLAIN: 0, BIT_PACKED: 4, BYTE_STREAM_SPLIT: 9 },
  physical: { INT32: 1, INT64: 2, FLOAT: 4, DOUBLE: 5, FIXED_LEN_BYTE_ARRAY: 7 },
  converted: {
    MAP: 1,
    MAP_KEY_VALUE: 2,
    LIST: 3,
    DECIMAL: 5,
    DATE: 6,
    UINT_8: 11,
    UINT_16: 12,
    INT_8: 15,
    INT_16: 16,
    BSON: 20,
  },
  logical: { MAP: 2, DECIMAL: 5, DATE: 6, INTEGER: 10, BSON: 13 },
  page: { DATA: 0, DICTIONARY: 2, DATA_V2: 3 },
} as const;

/** A footer as its fields, and where it begins. */
export interface Footer {
  fields: ThriftFields;
  start: number;
}

/** A column without children, as far as its pages depend on the schema. */
export interface Leaf {
  physical: number;
  /** Bytes of a value; 0 where values have any length. */
  width: number;
  maxDefinition: number;
  maxRepetition: number;
}

/** Reads the footer of a file whose ends are Parquet's. */
export async function readFooter(file: FileHandle): Promise<Footer> {
  const { size } = await file.stat();
  const length = (await readBytes(file, size - 8, 4)).readUInt32LE(0);
  const start = size - 8 - length;
  return { fields: readStruct(await readBytes(file, start, length)).fields, start };
}

/** So many bytes of a file, or a fault. */
export async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) throw new FormatFault('truncated_file', 'The file ended while it was being read.');
    done += bytesRead;
  }
  return bytes;
}

/** Fields as a struct again. */
export function structOf(fields: ThriftFields): ThriftValue {
  return struct([...fields].sort(([a], [b]) => a - b));
}

/** The leaves of a schema, which is a tree written depth first. */
export function leavesOf(schema: ThriftFields[]): Leaf[] {
  const leaves: Leaf[] = [];
  const above: { left: number; maxDefinition: number; maxRepetition: number }[] = [];
  for (const element of schema) {
    while (above.at(-1)?.left === 0) above.pop();
    const parent = above.at(-1);
    if (parent !== undefined) parent.left--;
    const repetition = parent === undefined ? 0 : (intOf(element.get(3)) ?? 0);
    const maxDefinition = (parent?.maxDefinition ?? 0) + (repetition === 0 ? 0 : 1);
    const maxRepetition = (parent?.maxRepetition ?? 0) + (repetition === 2 ? 1 : 0);
    const children = intOf(element.get(5));
    if (children !== null && children > 0) above.push({ left: children, maxDefinition, maxRepetition });
    const physical = intOf(element.get(1));
    if (physical === null) continue;
    leaves.push({ physical, width: widthOf(physical, element), maxDefinition, maxRepetition });
  }
  return leaves;
}

function widthOf(physical: number, element: ThriftFields): number {
  if (physical === PARQUET.physical.INT32) return 4;
  if (physical === PARQUET.physical.INT64) return 8;
  return physical === PARQUET.physical.FIXED_LEN_BYTE_ARRAY ? Math.max(0, intOf(element.get(2)) ?? 0) : 0;
}

/** Column chunks of a row group. */
export const chunksOf = (group: ThriftValue): ThriftValue[] => itemsOf(fieldsOf(group, [1]).get(1));
