import { brotliCompressSync, crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import SnappyJS from 'snappyjs';
import { boolean, i32, i64, list, struct, text } from '#lib/formats/reader/thrift-writer.ts';

// Parquet files put together by hand, page by page: what other writers make, and what no writer here would.

const PHYSICAL = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;
const REPETITION = { required: 0, optional: 1, repeated: 2 } as const;
const CONVERTED = {
  UTF8: 0,
  MAP: 1,
  MAP_KEY_VALUE: 2,
  LIST: 3,
  ENUM: 4,
  DECIMAL: 5,
  DATE: 6,
  TIME_MILLIS: 7,
  TIME_MICROS: 8,
  TIMESTAMP_MILLIS: 9,
  TIMESTAMP_MICROS: 10,
  UINT_8: 11,
  UINT_16: 12,
  UINT_64: 14,
  INT_8: 15,
  INT_16: 16,
  JSON: 19,
  BSON: 20,
  INTERVAL: 21,
} as const;
const ENCODING = {
  PLAIN: 0,
  PLAIN_DICTIONARY: 2,
  RLE: 3,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  BYTE_STREAM_SPLIT: 9,
} as const;

/** Number and packing of each codec; LZO has no packing here, its pages only claim it. */
const CODECS = {
  UNCOMPRESSED: { id: 0, pack: (bytes: Buffer) => bytes },
  SNAPPY: { id: 1, pack: (bytes: Buffer) => Buffer.from(SnappyJS.compress(bytes)) },
  GZIP: { id: 2, pack: (bytes: Buffer) => gzipSync(bytes) },
  LZO: { id: 3, pack: (bytes: Buffer) => bytes },
  BROTLI: { id: 4, pack: (bytes: Buffer) => brotliCompressSync(bytes) },
  LZ4: { id: 5, pack: hadoopLz4 },
  LZ4_OF_ARROW: { id: 5, pack: lz4Block },
  ZSTD: { id: 6, pack: (bytes: Buffer) => zstdCompressSync(bytes) },
  LZ4_RAW: { id: 7, pack: lz4Block },
} as const;

/** A node of the schema; one with children has no physical type. */
export interface SchemaNode {
  name: string;
  repetition?: keyof typeof REPETITION;
  physical?: keyof typeof PHYSICAL;
  /** Bytes of FIXED_LEN_BYTE_ARRAY. */
  length?: number;
  converted?: keyof typeof CONVERTED;
  scale?: number;
  precision?: number;
  /** The logical type, a Thrift union; see {@link logical}. */
  logical?: Buffer;
  children?: SchemaNode[];
}

/** A data page: levels of all values, bytes of those that are there. */
export interface Page {
  version?: 1 | 2;
  encoding?: keyof typeof ENCODING;
  /** Of each value, null included; absent where the column can neither be null nor repeat. */
  definitions?: number[];
  repetitions?: number[];
  /** Number of values, null included. */
  count: number;
  data: Buffer;
  /** Whether the header tells the CRC-32 of what follows. */
  hasChecksum?: boolean;
}

/** All pages of one column in one row group. */
export interface Chunk {
  codec?: keyof typeof CODECS;
  /** PLAIN values that the pages refer to. */
  dictionary?: { count: number; data: Buffer };
  pages: Page[];
}

interface Leaf {
  node: SchemaNode;
  path: string[];
  maxDefinition: number;
  maxRepetition: number;
}

/** A Parquet file; `columns` of a row group stand in the order of the schema's leaves. */
export function parquetFile(file: {
  schema: SchemaNode[];
  rowGroups: { rows: number; columns: Chunk[] }[];
  metadata?: Record<string, string>;
}): Buffer {
  const leaves = leavesOf(file.schema);
  const parts: Buffer[] = [Buffer.from('PAR1')];
  let position = 4;
  const rowGroups = file.rowGroups.map(({ rows, columns }) => {
    const chunks = columns.map((chunk, index) => {
      const leaf = leaves[index] as Leaf;
      const { bytes, packedBytes, dictionaryBytes } = writeChunk(leaf, chunk);
      const start = position;
      parts.push(bytes);
      position += bytes.length;
      return struct([
        [2, i64(start)],
        [3, columnMetadata(leaf, chunk, { start, size: bytes.length, packedBytes, dictionaryBytes })],
      ]);
    });
    return struct([
      [1, list(chunks)],
      [2, i64(1000)],
      [3, i64(rows)],
    ]);
  });
  const rowCount = file.rowGroups.reduce((sum, { rows }) => sum + rows, 0);
  const root = struct([
    [4, text('schema')],
    [5, i32(file.schema.length)],
  ]);
  const pairs = Object.entries(file.metadata ?? {}).map(([key, value]) =>
    struct([
      [1, text(key)],
      [2, text(value)],
    ]),
  );
  const footer = struct([
    [1, i32(1)],
    [2, list([root, ...file.schema.flatMap(schemaElements)])],
    [3, i64(rowCount)],
    [4, list(rowGroups)],
    [5, pairs.length === 0 ? null : list(pairs)],
  ]).bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')]);
}

function leavesOf(nodes: SchemaNode[], above: Omit<Leaf, 'node'> = { path: [], maxDefinition: 0, maxRepetition: 0 }) {
  return nodes.flatMap((node): Leaf[] => {
    const here = {
      path: [...above.path, node.name],
      maxDefinition: above.maxDefinition + (node.repetition === undefined || node.repetition === 'required' ? 0 : 1),
      maxRepetition: above.maxRepetition + (node.repetition === 'repeated' ? 1 : 0),
    };
    return node.children === undefined ? [{ node, ...here }] : leavesOf(node.children, here);
  });
}

function schemaElements(node: SchemaNode): ReturnType<typeof struct>[] {
  const element = struct([
    [1, node.physical === undefined ? null : i32(PHYSICAL[node.physical])],
    [2, node.length === undefined ? null : i32(node.length)],
    [3, i32(REPETITION[node.repetition ?? 'required'])],
    [4, text(node.name)],
    [5, node.children === undefined ? null : i32(node.children.length)],
    [6, node.converted === undefined ? null : i32(CONVERTED[node.converted])],
    [7, node.scale === undefined ? null : i32(node.scale)],
    [8, node.precision === undefined ? null : i32(node.precision)],
    [10, node.logical === undefined ? null : { type: 12, bytes: node.logical }],
  ]);
  return [element, ...(node.children ?? []).flatMap(schemaElements)];
}

function columnMetadata(
  { node, path }: Leaf,
  chunk: Chunk,
  at: { start: number; size: number; packedBytes: number; dictionaryBytes: number },
) {
  const encodings = new Set(chunk.pages.map(({ encoding = 'PLAIN' }) => ENCODING[encoding]));
  return struct([
    [1, i32(PHYSICAL[node.physical as keyof typeof PHYSICAL])],
    [2, list([...encodings, ENCODING.RLE].map((encoding) => i32(encoding)))],
    [3, list(path.map(text))],
    [4, i32(CODECS[chunk.codec ?? 'UNCOMPRESSED'].id)],
    [5, i64(chunk.pages.reduce((sum, { count }) => sum + count, 0))],
    [6, i64(at.packedBytes)],
    [7, i64(at.size)],
    [9, i64(at.start + at.dictionaryBytes)],
    [11, chunk.dictionary === undefined ? null : i64(at.start)],
  ]);
}

function writeChunk(leaf: Leaf, chunk: Chunk): { bytes: Buffer; packedBytes: number; dictionaryBytes: number } {
  const { pack } = CODECS[chunk.codec ?? 'UNCOMPRESSED'];
  const parts: Buffer[] = [];
  let unpacked = 0;
  let dictionaryBytes = 0;
  if (chunk.dictionary !== undefined) {
    const { count, data } = chunk.dictionary;
    const packed = pack(data);
    const header = pageHeader(2, data.length, packed.length, [
      7,
      struct([
        [1, i32(count)],
        [2, i32(ENCODING.PLAIN)],
      ]),
    ]);
    parts.push(header, packed);
    unpacked += header.length + data.length;
    dictionaryBytes = header.length + packed.length;
  }
  for (const page of chunk.pages) {
    const bytes = page.version === 2 ? pageV2(leaf, page, pack) : pageV1(leaf, page, pack);
    parts.push(bytes);
    unpacked += bytes.length;
  }
  return { bytes: Buffer.concat(parts), packedBytes: unpacked, dictionaryBytes };
}

function pageHeader(
  type: number,
  unpacked: number,
  packed: number,
  own: [number, ReturnType<typeof struct>],
  checksum: number | null = null,
): Buffer {
  const sum: [number, ReturnType<typeof struct> | null] = [4, checksum === null ? null : i32(checksum | 0)];
  return struct([[1, i32(type)], [2, i32(unpacked)], [3, i32(packed)], sum, own]).bytes;
}

function pageV1(leaf: Leaf, page: Page, pack: (bytes: Buffer) => Buffer): Buffer {
  const levels = [sizedLevels(page.repetitions, leaf.maxRepetition), sizedLevels(page.definitions, leaf.maxDefinition)];
  const body = Buffer.concat([...levels, page.data]);
  const packed = pack(body);
  const own = struct([
    [1, i32(page.count)],
    [2, i32(ENCODING[page.encoding ?? 'PLAIN'])],
    [3, i32(ENCODING.RLE)],
    [4, i32(ENCODING.RLE)],
  ]);
  const sum = page.hasChecksum ? crc32(packed) : null;
  return Buffer.concat([pageHeader(0, body.length, packed.length, [5, own], sum), packed]);
}

function pageV2(leaf: Leaf, page: Page, pack: (bytes: Buffer) => Buffer): Buffer {
  const repetitions = levels(page.repetitions, leaf.maxRepetition);
  const definitions = levels(page.definitions, leaf.maxDefinition);
  const packed = pack(page.data);
  const nulls = page.definitions?.filter((level) => level < leaf.maxDefinition).length ?? 0;
  const rows = page.repetitions?.filter((level) => level === 0).length ?? page.count;
  const own = struct([
    [1, i32(page.count)],
    [2, i32(nulls)],
    [3, i32(rows)],
    [4, i32(ENCODING[page.encoding ?? 'PLAIN'])],
    [5, i32(definitions.length)],
    [6, i32(repetitions.length)],
    [7, boolean(true)],
  ]);
  const unpacked = repetitions.length + definitions.length + page.data.length;
  const size = repetitions.length + definitions.length + packed.length;
  const bytes = Buffer.concat([repetitions, definitions, packed]);
  return Buffer.concat([pageHeader(3, unpacked, size, [8, own], page.hasChecksum ? crc32(bytes) : null), bytes]);
}

function levels(values: number[] | undefined, max: number): Buffer {
  if (max === 0) return Buffer.alloc(0);
  return runs(values ?? [], 32 - Math.clz32(max));
}

function sizedLevels(values: number[] | undefined, max: number): Buffer {
  if (max === 0) return Buffer.alloc(0);
  return sized(levels(values, max));
}

/** Bytes after their length in four bytes. */
export function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Parquet's RLE, one run per stretch of equal numbers, each in whole bytes. */
export function runs(values: number[], bitWidth: number): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < values.length; ) {
    let end = at;
    while (end < values.length && values[end] === values[at]) end++;
    let header = (end - at) << 1;
    for (; header > 127; header >>>= 7) bytes.push((header & 127) | 128);
    bytes.push(header);
    for (let byte = 0; byte < Math.ceil(bitWidth / 8); byte++)
      bytes.push(((values[at] as number) >>> (8 * byte)) & 255);
    at = end;
  }
  return Buffer.from(bytes);
}

/** An LZ4 block of nothing but literals. */
function lz4Block(bytes: Buffer): Buffer {
  const token = [Math.min(bytes.length, 15) << 4];
  for (let rest = bytes.length - 15; rest >= 0; rest -= 255) token.push(Math.min(rest, 255));
  return Buffer.concat([Buffer.from(token), bytes]);
}

/** The framing that Hadoop gave LZ4: both sizes, most significant byte first; in as many frames as its buffer wants. */
function hadoopLz4(bytes: Buffer): Buffer {
  const half = bytes.length >> 1;
  const frames = half === 0 ? [bytes] : [bytes.subarray(0, half), bytes.subarray(half)];
  return Buffer.concat(
    frames.flatMap((frame) => {
      const block = lz4Block(frame);
      const sizes = Buffer.alloc(8);
      sizes.writeUInt32BE(frame.length, 0);
      sizes.writeUInt32BE(block.length, 4);
      return [sizes, block];
    }),
  );
}
