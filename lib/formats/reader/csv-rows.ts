import type { CsvOptions } from '../csv-scanner.ts';
import { MAX_COLUMNS } from '../json-scanner.ts';

/** Instead of an offset: the bytes end inside the row. */
export const INCOMPLETE = -1;
/** Instead of an offset: only the scanner can say what this is. */
export const STRANGE = -2;

/** Marks of a field: it stood in quotes; it cannot be handed on byte by byte; U+0000 is in it. */
export const QUOTED = 1;
export const SPECIAL = 2;
export const NUL = 4;

const QUOTE = 0x22;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

// Classes of bytes; 0 is any other.
const DELIMITER = 1;
const BREAK = 2;
const ESCAPED = 3;

/** Encodings in which a byte below 128 is always that ASCII character. Not so Shift_JIS, GBK, UTF-16. */
const ASCII_SUPERSET = /^(utf-8|windows-\d+|iso-8859-.+|ibm866|koi8-[ru]|macintosh|x-mac-cyrillic)$/;

/** Whether fields can be told by bytes in an encoding. */
export function canTellBytes(delimiter: string, encoding: string): boolean {
  const isOneByte = delimiter.length === 1 && delimiter.charCodeAt(0) < 128 && !'\r\n"'.includes(delimiter);
  return isOneByte && ASCII_SUPERSET.test(encoding);
}

/**
 * Finds rows and fields in the bytes of CSV as {@link CsvScanner} finds them in its text, as long as every quote
 * stands where it should. What could be seen otherwise is {@link STRANGE}: the scanner has the last
 * word on what a row is.
 */
export class CsvRows {
  /** Fields of the row found last; 0 for a line that is no row. */
  count = 0;
  readonly starts = new Int32Array(MAX_COLUMNS + 1);
  readonly ends = new Int32Array(MAX_COLUMNS + 1);
  readonly marks = new Uint8Array(MAX_COLUMNS + 1);

  readonly #delimiter: number;
  readonly #newline: string;
  readonly #decoder: TextDecoder;
  readonly #classes = new Uint8Array(256);
  readonly #quotedClasses = new Uint8Array(256);

  constructor({ delimiter, newline, encoding }: Pick<CsvOptions, 'delimiter' | 'newline' | 'encoding'>) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#newline = newline;
    this.#decoder = new TextDecoder(encoding);
    for (const special of '\\\t\x01\0\n\r') this.#classes[special.charCodeAt(0)] = ESCAPED;
    this.#quotedClasses.set(this.#classes);
    this.#quotedClasses[QUOTE] = ESCAPED;
    this.#classes[newline.charCodeAt(0)] = BREAK;
    if (newline === '\n') this.#classes[CARRIAGE_RETURN] = BREAK;
    this.#classes[this.#delimiter] = DELIMITER;
  }

  /** Finds the row that begins at `from` and returns where the next one does. */
  next(bytes: Uint8Array, from: number, isLast: boolean): number {
    const { length } = bytes;
    const classes = this.#classes;
    const delimiter = this.#delimiter;
    let at = from;
    for (let count = 0; ; ) {
      if (count > MAX_COLUMNS) return STRANGE;
      this.starts[count] = at;
      let mark = 0;
      if (bytes[at] === QUOTE) {
        at = this.#endOfQuoted(bytes, at, isLast, count);
        if (at < 0) return at;
        const close = at;
        while ((bytes[at] === SPACE || bytes[at] === TAB) && bytes[at] !== delimiter) at += 1;
        if (at === length && (!isLast || at > close)) return isLast ? STRANGE : INCOMPLETE;
        if (at < length && bytes[at] !== delimiter) {
          const size = this.#lineBreak(bytes, at, isLast);
          if (size < 0) return size;
          // A CR that ends the file stands behind a quote as any other character would.
          if (size === 0 || (size === 1 && bytes[at] !== this.#newline.charCodeAt(0))) return STRANGE;
          return this.#end(bytes, from, count + 1, at + size);
        }
      } else {
        for (; at < length; at += 1) {
          const found = classes[bytes[at] as number] as number;
          if (found === 0) continue;
          if (found === DELIMITER) break;
          if (found === BREAK) {
            const size = this.#lineBreak(bytes, at, isLast);
            if (size < 0) return size;
            if (size > 0) {
              this.ends[count] = at;
              this.marks[count] = mark;
              return this.#end(bytes, from, count + 1, at + size);
            }
          }
          mark |= bytes[at] === 0 ? SPECIAL | NUL : SPECIAL;
        }
        this.ends[count] = at;
        this.marks[count] = mark;
      }
      count += 1;
      if (at >= length) return isLast ? this.#end(bytes, from, count, length) : INCOMPLETE;
      at += 1;
    }
  }

  /** The byte behind the closing quote of the field that opens at `open`. */
  #endOfQuoted(bytes: Uint8Array, open: number, isLast: boolean, field: number): number {
    const { length } = bytes;
    const classes = this.#quotedClasses;
    let mark = QUOTED;
    for (let at = open + 1; at < length; at += 1) {
      const byte = bytes[at] as number;
      if (classes[byte] === 0) continue;
      if (byte === QUOTE) {
        if (at + 1 >= length && !isLast) return INCOMPLETE;
        if (bytes[at + 1] !== QUOTE) {
          this.starts[field] = open + 1;
          this.ends[field] = at;
          this.marks[field] = mark;
          return at + 1;
        }
        at += 1;
      }
      mark |= byte === 0 ? SPECIAL | NUL : SPECIAL;
    }
    return isLast ? STRANGE : INCOMPLETE;
  }

  /** How many bytes at `at` end a row; 0 if none do. */
  #lineBreak(bytes: Uint8Array, at: number, isLast: boolean): number {
    const byte = bytes[at];
    if (this.#newline.length === 1) {
      if (byte === this.#newline.charCodeAt(0)) return 1;
      // Where lines end with LF alone, a CR before it, or at the end of the file, is cut off.
      if (this.#newline !== '\n' || byte !== CARRIAGE_RETURN) return 0;
      if (at + 1 < bytes.length) return bytes[at + 1] === LINE_FEED ? 2 : 0;
      return isLast ? 1 : INCOMPLETE;
    }
    if (byte !== CARRIAGE_RETURN) return 0;
    if (at + 1 < bytes.length) return bytes[at + 1] === LINE_FEED ? 2 : 0;
    return isLast ? 0 : INCOMPLETE;
  }

  /** Empty lines are no rows. */
  #end(bytes: Uint8Array, from: number, count: number, next: number): number {
    this.count = count;
    if (count > 1) return next;
    const first = bytes[from] as number;
    if (first > SPACE && first < 0x7f && first !== QUOTE) return next;
    const text = this.#decoder.decode(bytes.subarray(this.starts[0], this.ends[0]));
    if (text.trim() === '') {
      // Of a pair of quotes alone in its line the scanner knows what it is.
      if (((this.marks[0] as number) & QUOTED) !== 0) return text === '' ? next : STRANGE;
      this.count = 0;
    }
    return next;
  }
}
