import { type FileHandle, open } from 'node:fs/promises';
import { crc32, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import SnappyJS from 'snappyjs';
import { FormatFault } from '../format-fault.ts';
import { type AvroRecord, parseAvroSchema } from './avro-schema.ts';
import { ChunkList } from './chunk-list.ts';
import { readSome } from './file-blocks.ts';
import type { FileChunk, FilePart } from './protocol.ts';

const MAGIC = 'Obj\x01';
const SYNC_BYTES = 16;

/** Schema and codec; the largest seen in the wild are some 100 KB. */
const MAX_HEADER_BYTES = 8 << 20;

/** Of a block, unpacked or not. Writers end blocks at 16 KB to 16 MB; a bomb stops here. */
const MAX_BLOCK_BYTES = 128 << 20;

/** Two variable-length longs of ten bytes at most. */
const MAX_BLOCK_HEAD_BYTES = 20;

/** Rows that take no bytes (records of nothing but nulls) could come in any number. */
const MAX_EMPTY_ROWS = 1_000_000;

/** Rows as they lie in the file, unpacked. */
export interface AvroBlock {
  /** Counts from 1. */
  number: number;
  /** Row number of the first row, counted from 1. */
  firstRow: number;
  rowCount: number;
  data: Buffer;
}

function corrupt(detail: string, byteOffset?: number): FormatFault {
  return new FormatFault('corrupt_file', detail, { byteOffset });
}

/** An Avro container file, read from front to back. */
export class AvroContainer {
  readonly schema: AvroRecord;
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #arrivingBytes: number | undefined;
  readonly #codec: string;
  readonly #sync: Buffer;
  #position: number;

  private constructor(file: FileHandle, size: number, arrivingBytes: number | undefined, header: AvroHeader) {
    this.#file = file;
    this.#size = size;
    this.#arrivingBytes = arrivingBytes;
    this.schema = header.schema;
    this.#codec = header.codec;
    this.#sync = header.sync;
    this.#position = header.end;
  }

  /**
   * Opens a file and reads its header. Close it.
   * @param arrivingBytes how long the file will be, if somebody is still writing it, front to back
   */
  static async open(path: string, arrivingBytes?: number): Promise<AvroContainer> {
    const file = await open(path, 'r');
    try {
      const size = arrivingBytes ?? (await file.stat()).size;
      if (size === 0) throw new FormatFault('empty_file', 'The file has no bytes.');
      // Most headers fit the first try; a header that does not end is read again, larger.
      for (let length = 64 << 10; ; length *= 4) {
        const bytes = await readAt(file, 0, Math.min(length, size), arrivingBytes);
        const header = readHeader(bytes);
        if (header !== null) return new AvroContainer(file, size, arrivingBytes, header);
        if (bytes.length >= size) throw new FormatFault('truncated_file', 'The Avro header is cut off.');
        if (length > MAX_HEADER_BYTES) throw corrupt('The Avro header is longer than any real one.');
      }
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** About how many rows the file has, from its first block; null where it has none. */
  async guessRows(): Promise<number | null> {
    for await (const { rowCount, byteCount } of this.#blockHeads()) {
      return (this.#size / (byteCount + SYNC_BYTES)) * rowCount;
    }
    return null;
  }

  /** Rows of the whole file, and its blocks gathered to chunks, from the heads of the blocks alone. */
  async countRows(chunkRows: number | null): Promise<{ rowCount: number; chunks: FileChunk[] | null }> {
    const chunks = new ChunkList(chunkRows ?? Number.POSITIVE_INFINITY, this.#position);
    for await (const { rowCount, offset, byteCount } of this.#blockHeads()) {
      chunks.add(rowCount, offset + byteCount + SYNC_BYTES);
    }
    return { rowCount: chunks.rowCount, chunks: chunks.end(this.#size) };
  }

  /** The blocks, one after the other; a block is checked when it is asked for. */
  async *blocks(part: FilePart | null = null): AsyncGenerator<AvroBlock> {
    let firstRow = 1;
    // The heads before a part are passed over as well: faults name blocks by their number.
    for await (const { number, rowCount, offset, byteCount } of this.#blockHeads()) {
      if (offset >= (part?.to ?? this.#size)) return;
      if (offset < (part?.from ?? 0)) {
        firstRow += rowCount;
        continue;
      }
      const packed = await this.#read(offset, byteCount);
      const data = unpack(packed, this.#codec, number, offset);
      yield { number, firstRow, rowCount, data };
      firstRow += rowCount;
    }
  }

  #read(position: number, length: number): Promise<Buffer> {
    return readAt(this.#file, position, length, this.#arrivingBytes);
  }

  async *#blockHeads(): AsyncGenerator<{ number: number; rowCount: number; offset: number; byteCount: number }> {
    for (let number = 1; this.#position < this.#size; number++) {
      const start = this.#position;
      const bytes = await this.#read(start, Math.min(MAX_BLOCK_HEAD_BYTES, this.#size - start));
      const cut = new FormatFault('truncated_file', `Block ${number} of the Avro file is cut off.`, {
        byteOffset: start,
      });
      const rowCount = readLength(bytes, 0);
      const byteCount = rowCount === null ? null : readLength(bytes, rowCount.end);
      if (rowCount === null || byteCount === null) {
        throw bytes.length < MAX_BLOCK_HEAD_BYTES
          ? cut
          : corrupt(`Block ${number} of the Avro file has no length.`, start);
      }
      const isSane = rowCount.value >= 0 && byteCount.value >= 0 && byteCount.value <= MAX_BLOCK_BYTES;
      if (!isSane || (byteCount.value === 0 && rowCount.value > MAX_EMPTY_ROWS)) {
        throw corrupt(`Block ${number} of the Avro file claims an impossible size.`, start);
      }
      const offset = start + byteCount.end;
      const end = offset + byteCount.value;
      if (end + SYNC_BYTES > this.#size) throw cut;
      const sync = await this.#read(end, SYNC_BYTES);
      if (!sync.equals(this.#sync))
        throw corrupt(`Block ${number} of the Avro file does not end where it should.`, end);
      yield { number, rowCount: rowCount.value, offset, byteCount: byteCount.value };
      this.#position = end + SYNC_BYTES;
    }
  }
}

async function readAt(
  file: FileHandle,
  position: number,
  length: number,
  arrivingBytes: number | undefined,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const bytesRead = await readSome(file, bytes.subarray(read), position + read, { arrivingBytes });
    if (bytesRead === 0) throw new FormatFault('truncated_file', 'The file ended while it was being read.');
    read += bytesRead;
  }
  return bytes;
}

interface AvroHeader {
  schema: AvroRecord;
  codec: string;
  sync: Buffer;
  end: number;
}

/** A length in zigzag encoding; null where the bytes end before it does or it is no length. */
function readLength(bytes: Buffer, start: number): { value: number; end: number } | null {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: Number(value & 1n ? -(value >> 1n) - 1n : value >> 1n), end: start + index + 1 };
  }
  return null;
}

/** Null when the bytes end inside the header. */
function readHeader(bytes: Buffer): AvroHeader | null {
  if (bytes.toString('latin1', 0, Math.min(4, bytes.length)) !== MAGIC.slice(0, bytes.length)) {
    throw new FormatFault('not_avro', 'The file does not begin as an Avro file does.');
  }
  const metadata = new Map<string, Buffer>();
  let position = MAGIC.length;
  const take = (): Buffer | null => {
    const length = readLength(bytes, position);
    if (length === null) return null;
    if (length.value < 0 || length.value > MAX_HEADER_BYTES)
      throw corrupt('The Avro header claims an impossible size.');
    position = length.end + length.value;
    return position > bytes.length ? null : bytes.subarray(length.end, position);
  };
  while (true) {
    const count = readLength(bytes, position);
    if (count === null) return null;
    position = count.end;
    if (count.value === 0) break;
    if (count.value < 0) {
      // A negative count is followed by the size of the entries, which is of no use here.
      const size = readLength(bytes, position);
      if (size === null) return null;
      position = size.end;
    }
    for (let entry = Math.abs(count.value); entry > 0; entry--) {
      const key = take();
      const value = key === null ? null : take();
      if (key === null || value === null) return null;
      metadata.set(key.toString('utf8'), value);
    }
  }
  if (position + SYNC_BYTES > bytes.length) return null;
  const schema = metadata.get('avro.schema');
  if (schema === undefined) throw corrupt('The Avro header has no schema.');
  const codec = metadata.get('avro.codec')?.toString('utf8') ?? 'null';
  if (!(codec in CODECS)) {
    throw new FormatFault(
      'unsupported_encoding',
      `The Avro codec ${JSON.stringify(codec.slice(0, 40))} is not supported.`,
    );
  }
  const sync = Buffer.from(bytes.subarray(position, position + SYNC_BYTES));
  return { schema: parseAvroSchema(schema.toString('utf8')), codec, sync, end: position + SYNC_BYTES };
}

const CODECS: Record<string, (packed: Buffer) => Buffer> = {
  __proto__: null as never,
  null: (packed) => packed,
  deflate: (packed) => inflateRawSync(packed, { maxOutputLength: MAX_BLOCK_BYTES }),
  zstandard: (packed) => zstdDecompressSync(packed, { maxOutputLength: MAX_BLOCK_BYTES }),
  snappy: unpackSnappy,
};

/** Snappy blocks of Avro are followed by the big-endian CRC-32 of what they unpack to. */
function unpackSnappy(packed: Buffer): Buffer {
  if (packed.length < 5) throw new Error('too short');
  const data = SnappyJS.uncompress(packed.subarray(0, -4), MAX_BLOCK_BYTES);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (crc32(bytes) !== packed.readUInt32BE(packed.length - 4)) throw new Error('checksum');
  return bytes;
}

function unpack(packed: Buffer, codec: string, number: number, byteOffset: number): Buffer {
  try {
    return (CODECS[codec] as (packed: Buffer) => Buffer)(packed);
  } catch (error) {
    const isBomb = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' || /is too big/.test(String(error));
    if (isBomb) {
      const detail = `Block ${number} of the Avro file unpacks to more than ${MAX_BLOCK_BYTES} bytes.`;
      throw new FormatFault('file_too_complex', detail, { byteOffset });
    }
    throw corrupt(`Block ${number} of the Avro file cannot be unpacked (${codec}).`, byteOffset);
  }
}
