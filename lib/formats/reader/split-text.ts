import { open } from 'node:fs/promises';
import type { CsvOptions } from '../csv-scanner.ts';
import { ChunkList } from './chunk-list.ts';
import type { FileChunk } from './protocol.ts';

// Text files are cut where a row ends, found by looking at bytes: ten times as fast as reading the rows. The scanners
// have the last word on what a row is, so whatever they could see otherwise leaves the file whole.

const READ_BYTES = 1 << 20;

/** A longer row is a fault, which the reader of rows reports. */
const MAX_ROW_BYTES = 64 << 20;

/** Encodings in which a byte below 128 is always that ASCII character. Not so Shift_JIS, GBK, UTF-16. */
const ASCII_SUPERSET = /^(utf-8|windows-\d+|iso-8859-.+|ibm866|koi8-[ru]|macintosh|x-mac-cyrillic)$/;

const QUOTE = 0x22;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Calls back with the bytes not taken yet, as more come; the callback says how many it took, or null to give up. */
async function eachBuffer(
  path: string,
  take: (bytes: Buffer, offset: number, isLast: boolean) => number | null,
): Promise<{ size: number } | null> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let rest = Buffer.alloc(0);
    for (let position = 0; position < size; ) {
      const bytes = Buffer.allocUnsafe(rest.length + READ_BYTES);
      rest.copy(bytes);
      const { bytesRead } = await file.read(bytes, rest.length, READ_BYTES, position);
      if (bytesRead === 0) return null;
      const buffer = bytes.subarray(0, rest.length + bytesRead);
      const taken = take(buffer, position - rest.length, position + bytesRead >= size);
      if (taken === null) return null;
      position += bytesRead;
      rest = buffer.subarray(taken);
      if (rest.length > MAX_ROW_BYTES) return null;
    }
    return { size };
  } finally {
    await file.close();
  }
}

const INCOMPLETE = -1;
const STRANGE = -2;

/** Finds the rows of CSV bytes as papaparse would, as long as every quote stands where it should. */
class CsvRows {
  readonly #delimiter: number;
  readonly #newline: Buffer;
  readonly #needle: Buffer | number;
  #bytes: Buffer = Buffer.alloc(0);
  #isLast = false;
  #nextQuote = -1;
  #nextLineEnd = -1;

  constructor({ delimiter, newline }: CsvOptions) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#newline = Buffer.from(newline);
    // One byte is found several times as fast as a sequence of one.
    this.#needle = newline.length === 1 ? newline.charCodeAt(0) : this.#newline;
  }

  set(bytes: Buffer, isLast: boolean): void {
    this.#bytes = bytes;
    this.#isLast = isLast;
    this.#nextQuote = -1;
    this.#nextLineEnd = -1;
  }

  /** Where the row ends, before its line break. */
  end(start: number): number {
    const bytes = this.#bytes;
    const atEnd = this.#isLast ? bytes.length : INCOMPLETE;
    // One byte is left unlooked at: it may be half of a line break, or of a doubled quote.
    const limit = this.#isLast ? bytes.length : bytes.length - 1;
    for (let at = start; ; at += 1) {
      if (bytes[at] !== QUOTE) {
        const lineEnd = this.#lineEndFrom(at);
        const quote = this.#quoteOfFieldFrom(at, lineEnd);
        if (lineEnd < quote) return lineEnd;
        if (quote === bytes.length) return atEnd;
        at = quote;
      }
      at = this.#afterQuoted(at);
      if (at < 0) return at;
      while (at < limit && (bytes[at] === SPACE || bytes[at] === TAB) && bytes[at] !== this.#delimiter) at += 1;
      // Where lines end with LF alone, a CR before it is space like any other.
      if (this.#newline[0] === LINE_FEED && bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED) at += 1;
      if (at >= limit) return atEnd;
      if (this.#isNewline(at)) return at;
      if (bytes[at] !== this.#delimiter) return STRANGE;
    }
  }

  #lineEndFrom(at: number): number {
    if (this.#nextLineEnd < at) {
      const found = this.#bytes.indexOf(this.#needle, at);
      this.#nextLineEnd = found < 0 ? this.#bytes.length : found;
    }
    return this.#nextLineEnd;
  }

  /** The first quote before `lineEnd` that stands where a field begins; elsewhere it is a character like any other. */
  #quoteOfFieldFrom(at: number, lineEnd: number): number {
    const bytes = this.#bytes;
    for (let from = at; ; from = this.#nextQuote + 1) {
      if (this.#nextQuote < from) {
        const found = bytes.indexOf(QUOTE, from);
        this.#nextQuote = found < 0 ? bytes.length : found;
      }
      const quote = this.#nextQuote;
      if (quote > lineEnd || quote === bytes.length) return bytes.length;
      if (bytes[quote - 1] === this.#delimiter && quote > at) return quote;
    }
  }

  /** The byte after the line break at `end`. */
  next(end: number): number {
    return Math.min(this.#bytes.length, end + this.#newline.length);
  }

  #isNewline(at: number): boolean {
    const bytes = this.#bytes;
    return bytes[at] === this.#newline[0] && (this.#newline.length === 1 || bytes[at + 1] === this.#newline[1]);
  }

  #afterQuoted(start: number): number {
    const bytes = this.#bytes;
    for (let at = start + 1; ; at += 2) {
      at = bytes.indexOf(QUOTE, at);
      if (at < 0) return this.#isLast ? STRANGE : INCOMPLETE;
      if (at + 1 >= bytes.length) return this.#isLast ? bytes.length : INCOMPLETE;
      if (bytes[at + 1] !== QUOTE) return at + 1;
    }
  }

  /** Whether the bytes from `start` to `end` are no row: an empty line. Null where that is hard to say. */
  isBlank(start: number, end: number, encoding: string): boolean | null {
    const first = this.#bytes[start] as number;
    if (end > start && first > SPACE && first < 0x7f && first !== QUOTE) return false;
    const line = new TextDecoder(encoding).decode(this.#bytes.subarray(start, end));
    if (line.includes('"')) return line.replaceAll('"', '').trim() === '' ? null : false;
    return line.trim() === '' && !line.includes(String.fromCharCode(this.#delimiter));
  }
}

/** How many rows a CSV file has, guessed from the length of its first ones. */
async function guessRows(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, 64 << 10));
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    let lines = 0;
    for (const byte of head.subarray(0, bytesRead)) if (byte === LINE_FEED || byte === CARRIAGE_RETURN) lines += 1;
    return (size / Math.max(1, bytesRead)) * lines;
  } finally {
    await file.close();
  }
}

/** Divides a CSV file into chunks of `chunkRows` rows; null where it is too small, or its rows cannot be told by bytes. */
export async function splitCsv(path: string, csv: CsvOptions, chunkRows: number): Promise<FileChunk[] | null> {
  const { encoding } = new TextDecoder(csv.encoding);
  if (!ASCII_SUPERSET.test(encoding) || csv.delimiter.charCodeAt(0) > 127) return null;
  // A file that is clearly too small is not read once more.
  if ((await guessRows(path)) < chunkRows) return null;
  const rows = new CsvRows(csv);
  let chunks: ChunkList | null = csv.header ? null : new ChunkList(chunkRows, 0);
  const whole = await eachBuffer(path, (bytes, offset, isLast) => {
    rows.set(bytes, isLast);
    let at = offset === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    if (at > 0 && chunks !== null) chunks = new ChunkList(chunkRows, at);
    while (at < bytes.length) {
      const end = rows.end(at);
      if (end === STRANGE) return null;
      if (end === INCOMPLETE) break;
      const isBlank = rows.isBlank(at, end, encoding);
      if (isBlank === null) return null;
      at = rows.next(end);
      if (isBlank) continue;
      if (chunks === null) chunks = new ChunkList(chunkRows, offset + at);
      else chunks.add(1, offset + at);
    }
    return at;
  });
  return whole === null ? null : ((chunks as ChunkList | null)?.end(whole.size) ?? null);
}

/**
 * Divides an NDJSON file of `rowCount` sound rows into chunks. A brace that closes, a line break, a brace that opens:
 * in sound JSON only rows meet so, for in a list a comma would stand between them.
 */
export async function splitNdjson(path: string, rowCount: number, chunkRows: number): Promise<FileChunk[] | null> {
  const chunks = new ChunkList(chunkRows, 0);
  let before = 0;
  const whole = await eachBuffer(path, (bytes, offset, isLast) => {
    for (let start = 0; ; ) {
      const lineEnd = bytes.indexOf(LINE_FEED, start);
      let next = lineEnd < 0 ? bytes.length : lineEnd + 1;
      for (let at = (lineEnd < 0 ? bytes.length : lineEnd) - 1; at >= start; at -= 1) {
        if ((bytes[at] as number) <= SPACE) continue;
        before = bytes[at] as number;
        break;
      }
      while (next < bytes.length && (bytes[next] as number) <= SPACE) next += 1;
      if (next >= bytes.length) {
        if (!isLast) return start;
        chunks.add(1, offset + bytes.length);
        return bytes.length;
      }
      if (before === CLOSE_BRACE && bytes[next] === OPEN_BRACE) chunks.add(1, offset + next);
      start = next;
    }
  });
  return whole === null || chunks.rowCount !== rowCount ? null : chunks.end(whole.size);
}
