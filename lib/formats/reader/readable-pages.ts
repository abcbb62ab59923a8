import type { FileHandle } from 'node:fs/promises';
import { brotliDecompressSync, constants, crc32, unzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import SnappyJS from 'snappyjs';
import { FormatFault } from '../format-fault.ts';
import { unpackHadoopLz4, unpackLz4 } from './lz4.ts';
import { type Leaf, PARQUET, readBytes, structOf } from './parquet-footer.ts';
import { fieldsOf, intOf, itemsOf, readStruct, ThriftCutOff, type ThriftFields } from './thrift-reader.ts';
import { boolean, i32, i64, list } from './thrift-writer.ts';

/** Of a page, unpacked: writers end pages at about 1 MB, and four times a page is in memory at once. */
const MAX_PAGE_BYTES = 256 << 20;

/** Headers are some 50 bytes; those that state the ends of long texts take more. */
const HEADER_BYTES = 4096;
const MAX_HEADER_BYTES = 16 << 20;

/** The fault of a file whose pages are not what their headers say. */
export const damaged = (what: string) => new FormatFault('corrupt_file', `The Parquet data is damaged: ${what}.`);

/** Where the pages of a column chunk begin, by its metadata. */
export function startOfPages(metadata: ThriftFields): number {
  const [dictionary, data] = [intOf(metadata.get(11)) ?? 0, intOf(metadata.get(9)) ?? 0];
  return dictionary > 0 && dictionary < data ? dictionary : data;
}

/** Whether DuckDB cannot decode the pages of a column chunk, by its metadata. */
export function needsOtherPages(metadata: ThriftFields, leaf: Leaf): boolean {
  if (intOf(metadata.get(4)) === PARQUET.codec.LZ4) return true;
  return isSplit(leaf) && itemsOf(metadata.get(2)).some((item) => intOf(item) === PARQUET.encoding.BYTE_STREAM_SPLIT);
}

/** DuckDB undoes BYTE_STREAM_SPLIT of floats only. */
function isSplit({ physical }: Leaf): boolean {
  return physical !== PARQUET.physical.FLOAT && physical !== PARQUET.physical.DOUBLE;
}

/**
 * Writes the pages of a column chunk again, in ZSTD and with plain values for split ones, from `position` of the output
 * on. Returns the chunk's new metadata and the position after it.
 */
export async function writeOtherPages(
  file: FileHandle,
  footerStart: number,
  metadata: ThriftFields,
  leaf: Leaf,
  output: FileHandle,
  start: number,
): Promise<{ metadata: ThriftFields; end: number }> {
  const codec = intOf(metadata.get(4)) ?? 0;
  const valueCount = intOf(metadata.get(5)) ?? 0;
  let from = startOfPages(metadata);
  let [to, firstData, firstDictionary, unpacked] = [start, -1, -1, 0];
  for (let values = 0; values < valueCount; ) {
    const page = await readPage(file, from, footerStart);
    from = page.end;
    const other = otherPage(page, codec, leaf);
    if (other === null) continue;
    if (page.type === PARQUET.page.DICTIONARY) firstDictionary = to;
    else if (firstData < 0) firstData = to;
    const header = structOf(other.header).bytes;
    await output.write(header, 0, header.length, to);
    await output.write(other.body, 0, other.body.length, to + header.length);
    to += header.length + other.body.length;
    unpacked += header.length + (intOf(other.header.get(2)) ?? 0);
    values += other.valueCount;
  }
  const encodings = itemsOf(metadata.get(2)).map((item) =>
    isSplit(leaf) && intOf(item) === PARQUET.encoding.BYTE_STREAM_SPLIT ? i32(PARQUET.encoding.PLAIN) : item,
  );
  // Without what told of the old pages: offsets of indexes and Bloom filters, statistics of encodings.
  const told = [10, 11, 13, 14, 15];
  const kept = new Map([...metadata].filter(([id]) => !told.includes(id)));
  kept.set(2, list(encodings));
  kept.set(4, i32(PARQUET.codec.ZSTD));
  kept.set(6, i64(unpacked));
  kept.set(7, i64(to - start));
  kept.set(9, i64(firstData < 0 ? start : firstData));
  if (firstDictionary >= 0) kept.set(11, i64(firstDictionary));
  return { metadata: kept, end: to };
}

interface PageAsRead {
  type: number | null;
  header: ThriftFields;
  body: Buffer;
  unpackedBytes: number;
  /** Position after the page. */
  end: number;
}

/** The header of a page and where its body lies. */
export interface PageHead {
  type: number | null;
  header: ThriftFields;
  /** CRC-32 of the body; null where the writer left none. */
  checksum: number | null;
  unpackedBytes: number;
  packedBytes: number;
  bodyStart: number;
}

/** Reads the header of the page that begins at an offset. */
export async function readPageHead(file: FileHandle, position: number, footerStart: number): Promise<PageHead> {
  const { fields: header, end: bodyStart } = await readHeader(file, position, footerStart);
  const [unpackedBytes, packedBytes] = [intOf(header.get(2)) ?? -1, intOf(header.get(3)) ?? -1];
  if (unpackedBytes < 0 || packedBytes < 0 || packedBytes > footerStart - bodyStart) {
    throw damaged('a page claims a size it cannot have');
  }
  const sum = intOf(header.get(4));
  const checksum = sum === null ? null : sum >>> 0;
  return { type: intOf(header.get(1)), header, checksum, unpackedBytes, packedBytes, bodyStart };
}

async function readPage(file: FileHandle, position: number, footerStart: number): Promise<PageAsRead> {
  const { bodyStart, packedBytes, checksum, ...head } = await readPageHead(file, position, footerStart);
  if (Math.max(head.unpackedBytes, packedBytes) > MAX_PAGE_BYTES) {
    throw new FormatFault('memory_limit', `A page of the file takes more than ${MAX_PAGE_BYTES} bytes of memory.`);
  }
  const body = await readBytes(file, bodyStart, packedBytes);
  if (checksum !== null && crc32(body) !== checksum) throw damaged('the checksum of a page is wrong');
  return { ...head, body, end: bodyStart + packedBytes };
}

async function readHeader(file: FileHandle, position: number, footerStart: number) {
  for (let length = HEADER_BYTES; ; length *= 16) {
    const available = footerStart - position;
    if (position < 4 || available <= 0) throw damaged('a page is not where it should be');
    const bytes = await readBytes(file, position, Math.min(length, available));
    try {
      const { fields, end } = readStruct(bytes);
      return { fields, end: position + end };
    } catch (error) {
      const isEnough = length >= Math.min(available, MAX_HEADER_BYTES);
      if (isEnough || !(error instanceof ThriftCutOff)) throw error;
    }
  }
}

interface OtherPage {
  header: ThriftFields;
  body: Buffer;
  valueCount: number;
}

/** The page as DuckDB reads it; null where it holds no values. */
function otherPage(page: PageAsRead, codec: number, leaf: Leaf): OtherPage | null {
  if (page.type === PARQUET.page.DICTIONARY) {
    return packed(page.header, Buffer.alloc(0), unpack(page.body, codec, page.unpackedBytes), 0);
  }
  if (page.type === PARQUET.page.DATA) return otherPageV1(page, codec, leaf);
  return page.type === PARQUET.page.DATA_V2 ? otherPageV2(page, codec, leaf) : null;
}

function otherPageV1({ header, body, unpackedBytes }: PageAsRead, codec: number, leaf: Leaf): OtherPage {
  const own = fieldsOf(header.get(5));
  const valueCount = countOf(own);
  let bytes = unpack(body, codec, unpackedBytes);
  if (isSplit(leaf) && intOf(own.get(2)) === PARQUET.encoding.BYTE_STREAM_SPLIT) {
    bytes = joinStreams(bytes, levelBytes(bytes, own, leaf, valueCount), leaf.width);
    own.set(2, i32(PARQUET.encoding.PLAIN));
  }
  return packed(new Map(header).set(5, structOf(own)), Buffer.alloc(0), bytes, valueCount);
}

/** In pages of version 2 the levels stand before what is packed, if it is. */
function otherPageV2({ header, body, unpackedBytes }: PageAsRead, codec: number, leaf: Leaf): OtherPage {
  const own = fieldsOf(header.get(8));
  const levels = (intOf(own.get(5)) ?? 0) + (intOf(own.get(6)) ?? 0);
  if (levels < 0 || levels > body.length || levels > unpackedBytes) throw damaged('the levels of a page do not fit it');
  const isPacked = own.get(7) === undefined || own.get(7)?.type === boolean(true).type;
  const values = body.subarray(levels);
  // A page of nothing but nulls may hold no bytes at all, not even packed ones.
  let bytes = isPacked && values.length > 0 ? unpack(values, codec, unpackedBytes - levels) : values;
  if (isSplit(leaf) && intOf(own.get(4)) === PARQUET.encoding.BYTE_STREAM_SPLIT) {
    bytes = joinStreams(bytes, 0, leaf.width);
    own.set(4, i32(PARQUET.encoding.PLAIN));
  }
  own.set(7, boolean(true));
  return packed(new Map(header).set(8, structOf(own)), body.subarray(0, levels), bytes, countOf(own));
}

function countOf(own: ThriftFields): number {
  const count = intOf(own.get(1)) ?? -1;
  if (count < 0) throw damaged('a page claims a number of values it cannot have');
  return count;
}

function packed(header: ThriftFields, levels: Buffer, values: Buffer, valueCount: number): OtherPage {
  // Packed again, a bomb takes no more room on the disk than it did; the fastest level costs little.
  const small = zstdCompressSync(values, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const body = Buffer.concat([levels, small]);
  const changed = new Map(header);
  changed.set(2, i32(levels.length + values.length));
  changed.set(3, i32(body.length));
  changed.delete(4);
  return { header: changed, body, valueCount };
}

function unpack(body: Buffer, codec: number, size: number): Buffer {
  const unpackers: Record<number, () => Uint8Array> = {
    [PARQUET.codec.UNCOMPRESSED]: () => body,
    [PARQUET.codec.SNAPPY]: () => SnappyJS.uncompress(body, size),
    [PARQUET.codec.GZIP]: () => unzipSync(body, { maxOutputLength: size }),
    [PARQUET.codec.BROTLI]: () => brotliDecompressSync(body, { maxOutputLength: size }),
    [PARQUET.codec.LZ4]: () => unpackHadoopLz4(body, size),
    [PARQUET.codec.ZSTD]: () => zstdDecompressSync(body, { maxOutputLength: size }),
    [PARQUET.codec.LZ4_RAW]: () => unpackLz4(body, size),
  };
  const unpacker = unpackers[codec];
  if (unpacker === undefined) throw new FormatFault('unsupported_encoding', `The codec number ${codec} is not known.`);
  let bytes: Uint8Array;
  try {
    bytes = size === 0 ? Buffer.alloc(0) : unpacker();
  } catch (error) {
    throw error instanceof FormatFault ? error : damaged('a page does not unpack');
  }
  if (bytes.length !== size) throw damaged('a page unpacks to another size than it says');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Bytes that the levels take at the beginning of a page of version 1. */
function levelBytes(bytes: Buffer, own: ThriftFields, leaf: Leaf, valueCount: number): number {
  let total = 0;
  for (const [max, field] of [
    [leaf.maxRepetition, 4],
    [leaf.maxDefinition, 3],
  ] as const) {
    if (max === 0) continue;
    if (intOf(own.get(field)) === PARQUET.encoding.BIT_PACKED) {
      total += Math.ceil((valueCount * (32 - Math.clz32(max))) / 8);
    } else {
      if (total + 4 > bytes.length) throw damaged('the levels of a page do not fit it');
      total += 4 + bytes.readUInt32LE(total);
    }
  }
  if (total > bytes.length) throw damaged('the levels of a page do not fit it');
  return total;
}

/** Undoes BYTE_STREAM_SPLIT after the first bytes: the streams hold a byte of every value each. */
function joinStreams(bytes: Buffer, before: number, width: number): Buffer {
  const count = (bytes.length - before) / width;
  if (!Number.isInteger(count)) throw damaged('split values do not fit their page');
  const joined = Buffer.allocUnsafe(bytes.length);
  bytes.copy(joined, 0, 0, before);
  let from = before;
  for (let stream = 0; stream < width; stream++) {
    for (let at = before + stream; at < bytes.length; at += width) joined[at] = bytes[from++] as number;
  }
  return joined;
}
