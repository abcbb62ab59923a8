import { type CopyWriter, escapeCopyText } from './copy-text.ts';
import { COPY_NULL } from './protocol.ts';

/** As many as {@link CopyWriter} gathers, for the same reason. */
const FLUSH_BYTES = 1 << 20;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const NULL_BYTE = COPY_NULL.charCodeAt(0);

/** The letter behind the backslash; 0 for bytes that stand for themselves. U+0001 has a longer escape. */
const ESCAPE_LETTERS = new Uint8Array(256);
for (const [character, letter] of ['\\\\', '\nn', '\rr', '\tt', '\x01x'].map((pair) => [...pair] as [string, string])) {
  ESCAPE_LETTERS[character.charCodeAt(0)] = letter.charCodeAt(0);
}

/** Rows of COPY's text format, put together from bytes of the file. */
export class CopyBytes {
  readonly #writer: CopyWriter;
  #bytes = Buffer.allocUnsafe(FLUSH_BYTES + (64 << 10));
  #at = 0;
  #rowStart = 0;

  constructor(writer: CopyWriter) {
    this.#writer = writer;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#at + size) * 2);
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  /** Begins a row with its number. */
  beginRow(row: number): void {
    if (this.#at >= FLUSH_BYTES) this.flush();
    this.#rowStart = this.#at;
    this.#reserve(16);
    let digits = 1;
    for (let rest = row; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    let left = row;
    for (let at = this.#at + digits - 1; at >= this.#at; at -= 1) {
      const next = Math.floor(left / 10);
      this.#bytes[at] = ZERO + left - next * 10;
      left = next;
    }
    this.#at += digits;
  }

  /** Takes back what was written of the row. */
  dropRow(): void {
    this.#at = this.#rowStart;
  }

  endRow(): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = LINE_FEED;
  }

  addNull(): void {
    this.#reserve(2);
    this.#bytes[this.#at++] = TAB;
    this.#bytes[this.#at++] = NULL_BYTE;
  }

  /** A cell whose bytes need no escape. */
  addPlain(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start + 1);
    const to = this.#bytes;
    let at = this.#at;
    to[at++] = TAB;
    for (let index = start; index < end; index += 1) to[at++] = from[index] as number;
    this.#at = at;
  }

  /** A cell of any bytes but NUL; of doubled quotes one is written if `isQuoted`. */
  addEscaped(from: Uint8Array, start: number, end: number, isQuoted: boolean): void {
    this.#reserve((end - start) * 4 + 1);
    const to = this.#bytes;
    let at = this.#at;
    to[at++] = TAB;
    for (let index = start; index < end; index += 1) {
      const byte = from[index] as number;
      const letter = ESCAPE_LETTERS[byte] as number;
      if (letter === 0) {
        to[at++] = byte;
        if (isQuoted && byte === QUOTE) index += 1;
        continue;
      }
      at = this.#escape(at, byte, letter);
    }
    this.#at = at;
  }

  /**
   * A cell of any bytes, to be dropped with its row where they are no text that PostgreSQL can store.
   * @returns -1 where one of them is NUL, else their bits joined by OR: below 0x80 all of them are ASCII
   */
  addUnchecked(from: Uint8Array, start: number, end: number): number {
    this.#reserve((end - start) * 4 + 1);
    const to = this.#bytes;
    let at = this.#at;
    let bits = 0;
    let hasNul = false;
    to[at++] = TAB;
    for (let index = start; index < end; index += 1) {
      const byte = from[index] as number;
      bits |= byte;
      const letter = ESCAPE_LETTERS[byte] as number;
      if (letter === 0) {
        to[at++] = byte;
        if (byte === 0) hasNul = true;
        continue;
      }
      at = this.#escape(at, byte, letter);
    }
    this.#at = at;
    return hasNul ? -1 : bits;
  }

  #escape(at: number, byte: number, letter: number): number {
    const to = this.#bytes;
    to[at] = BACKSLASH;
    to[at + 1] = letter;
    if (byte !== NULL_BYTE) return at + 2;
    to[at + 2] = ZERO;
    to[at + 3] = ZERO + 1;
    return at + 4;
  }

  /** A cell of any text but NUL. */
  addText(text: string): void {
    const escaped = escapeCopyText(text);
    this.#reserve(escaped.length * 3 + 1);
    this.#bytes[this.#at++] = TAB;
    this.#at += this.#bytes.write(escaped, this.#at);
  }

  /** Hands over the rows that are complete. */
  flush(): void {
    this.#writer.writeBytes(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    this.#rowStart = 0;
  }
}
