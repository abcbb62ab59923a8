import { FormatFault } from './format-fault.ts';

/**
 * A caller may hand over a whole file as one chunk; cut into pieces of this size, decoded text stays within a few
 * megabytes. 64 KiB scanned a third faster than 1 MiB, the text staying in the cache.
 */
const PIECE_BYTES = 1 << 16;

/** Strict streaming decoder: bytes that are no text in `encoding` are a fault with their offset, never U+FFFD. */
export class StrictDecoder {
  readonly encoding: string;
  #decoder: TextDecoder;
  #bytesBefore: number;

  /** @param bytesBefore of the file, where it is not read from its start: a byte order mark is then a character */
  constructor(encoding: string, bytesBefore = 0) {
    this.#bytesBefore = bytesBefore;
    try {
      this.#decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: bytesBefore > 0 });
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new FormatFault('invalid_options', `${JSON.stringify(encoding)} is no encoding known here.`);
    }
    this.encoding = this.#decoder.encoding;
  }

  /** Yields the text of a chunk in pieces; characters cut at a border wait for the next chunk. */
  *decode(chunk: Uint8Array): Generator<string> {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES) {
      const piece = chunk.subarray(start, start + PIECE_BYTES);
      yield this.#attempt(() => this.#decoder.decode(piece, { stream: true }), piece);
      this.#bytesBefore += piece.length;
    }
  }

  /** The text left at the end of the file; a character cut off there is a fault. */
  end(): string {
    return this.#attempt(() => this.#decoder.decode(), new Uint8Array(0));
  }

  #attempt(decode: () => string, piece: Uint8Array): string {
    try {
      return decode();
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      const byteOffset = this.#bytesBefore + (this.encoding === 'utf-8' ? offsetOfBadUtf8(piece) : 0);
      throw new FormatFault('invalid_encoding', `The bytes are not valid ${this.encoding.toUpperCase()}.`, {
        byteOffset,
      });
    }
  }
}

/** Offset of the first byte that is no UTF-8, found by halving the range and decoding what is before. */
function offsetOfBadUtf8(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  // A piece may begin inside a character: its continuation bytes belong to the piece before.
  while (good < 3 && good < bytes.length && ((bytes[good] as number) & 0xc0) === 0x80) good++;
  const start = good;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  // What begins as a character but is not ended by the byte found belongs to the fault.
  let lead = good;
  while (lead > start && good - lead < 3 && ((bytes[lead - 1] as number) & 0xc0) === 0x80) lead--;
  if (lead > start && (bytes[lead - 1] as number) >= 0xc0 && !isUtf8(bytes.subarray(lead - 1, good))) return lead - 1;
  return good;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
