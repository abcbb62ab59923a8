import { GrammarFault, INCOMPLETE, JsonGrammar, type JsonText } from '../json-grammar.ts';
import { MAX_COLUMNS } from '../json-scanner.ts';
import { KIND_BOOLEAN, KIND_JSON, KIND_NULL, KIND_NUMBER, KIND_STRING } from '../row-batch.ts';

/** Instead of an offset: only the scanner can say what this is. */
export const STRANGE = -2;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Bytes of UTF-8 as the grammar of JSON looks at a text: all it knows by name is ASCII. */
class ByteText implements JsonText {
  bytes: Buffer = Buffer.alloc(0);

  get length(): number {
    return this.bytes.length;
  }

  charCodeAt(at: number): number {
    return this.bytes[at] as number;
  }

  codePointAt(at: number): number | undefined {
    return this.bytes[at];
  }

  startsWith(text: string, at: number): boolean {
    return this.slice(at, at + text.length) === text;
  }

  slice(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end);
  }
}

/** 1 for what ends a string or is no character like others in it. */
const STRING_MARKS = new Uint8Array(256).fill(1, 0, SPACE);
STRING_MARKS[QUOTE] = 1;
STRING_MARKS[BACKSLASH] = 1;

/** Where a string without escapes ends; 0 where there is more to it. */
function endOfPlainString(bytes: Buffer, from: number): number {
  const { length } = bytes;
  for (let at = from + 1; at < length; at += 1) {
    const byte = bytes[at] as number;
    if (STRING_MARKS[byte] === 1) return byte === QUOTE ? at + 1 : 0;
  }
  return 0;
}

/** The first byte from there on that is no white space of JSON. */
export function skipBlanks(bytes: Buffer, from: number): number {
  const { length } = bytes;
  let at = from;
  for (; at < length; at += 1) {
    const byte = bytes[at] as number;
    if (byte > SPACE || (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
  }
  return at;
}

/**
 * Finds rows and cells in the bytes of NDJSON, as {@link JsonScanner} finds them in its text, and checks the same grammar
 * on the way. What it would refuse is {@link STRANGE}: the scanner says why, and where.
 */
export class JsonRows {
  /** Names of the columns met so far. */
  readonly names: string[] = [];
  /** By column, of the row found last: where a cell is, what it is, and whether its string has an escape. */
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  kinds = new Uint8Array(64);
  escapes = new Uint8Array(64);

  readonly #text = new ByteText();
  readonly #grammar = new JsonGrammar();
  readonly #columnOfKey = new Map<string, number>();
  readonly #columnOfName = new Map<string, number>();
  readonly #keys: Buffer[] = [];
  /** Number of the row that has a cell of each column. */
  #rowOf = new Float64Array(64);
  #row = 0;
  readonly #maxColumns: number;

  constructor(maxColumns = MAX_COLUMNS) {
    this.#maxColumns = maxColumns;
  }

  /** Whether the row found last has the column. */
  has(column: number): boolean {
    return this.#rowOf[column] === this.#row;
  }

  /** Finds the row that begins at `from` and returns where it ends. */
  next(bytes: Buffer, from: number, isLast: boolean): number {
    this.#text.bytes = bytes;
    this.#row += 1;
    try {
      const end = bytes[from] === OPEN_OBJECT ? this.#readRow(bytes, from) : STRANGE;
      if (end === INCOMPLETE) return isLast ? STRANGE : INCOMPLETE;
      // Between rows there has to be white space.
      if (end >= bytes.length) return isLast ? end : INCOMPLETE;
      return (bytes[end] as number) > 0x20 ? STRANGE : end;
    } catch (error) {
      if (error instanceof GrammarFault) return STRANGE;
      throw error;
    }
  }

  #readRow(bytes: Buffer, from: number): number {
    const text = this.#text;
    const { length } = bytes;
    let position = skipBlanks(bytes, from + 1);
    if (bytes[position] === CLOSE_OBJECT) return position + 1;
    for (let guess = 0; ; guess += 1) {
      if (position >= length) return INCOMPLETE;
      if (bytes[position] !== QUOTE) return STRANGE;
      let end = this.#endOfKey(bytes, position, guess);
      if (end < 0) {
        end = this.#grammar.skipString(text, position);
        if (end === INCOMPLETE) return INCOMPLETE;
        guess = this.#columnOf(text.slice(position, end));
        if (guess < 0) return STRANGE;
      }
      position = skipBlanks(bytes, end);
      if (position >= length) return INCOMPLETE;
      if (bytes[position] !== COLON) return STRANGE;
      position = this.#readCell(bytes, skipBlanks(bytes, position + 1), guess);
      if (position < 0) return position;
      position = skipBlanks(bytes, position);
      if (position >= length) return INCOMPLETE;
      if (bytes[position] === CLOSE_OBJECT) return position + 1;
      if (bytes[position] !== COMMA) return STRANGE;
      position = skipBlanks(bytes, position + 1);
    }
  }

  /** Rows mostly repeat the keys of the row before, in order; -1 where this one does not. */
  #endOfKey(bytes: Buffer, from: number, guess: number): number {
    const key = this.#keys[guess];
    if (key === undefined) return -1;
    const { length } = key;
    for (let at = 0; at < length; at += 1) if (bytes[from + at] !== key[at]) return -1;
    return from + length;
  }

  #readCell(bytes: Buffer, from: number, column: number): number {
    if (from >= bytes.length) return INCOMPLETE;
    const text = this.#text;
    const grammar = this.#grammar;
    const mark = bytes[from] as number;
    let kind = KIND_NUMBER;
    let end: number;
    if (mark === QUOTE) {
      kind = KIND_STRING;
      end = endOfPlainString(bytes, from);
      const isPlain = end > 0;
      if (!isPlain) end = grammar.skipString(text, from);
      this.escapes[column] = !isPlain && grammar.hasEscape ? 1 : 0;
    } else if (mark === OPEN_OBJECT || mark === OPEN_ARRAY) {
      kind = KIND_JSON;
      end = grammar.skipContainer(text, from, 1);
    } else {
      end = grammar.skipScalar(text, from);
      if (mark === 0x6e) kind = KIND_NULL;
      else if (mark === 0x74 || mark === 0x66) kind = KIND_BOOLEAN;
    }
    this.#rowOf[column] = this.#row;
    this.starts[column] = from;
    this.ends[column] = end;
    this.kinds[column] = kind;
    return end;
  }

  /** The column of a key that is not the one expected; -1 where it cannot be one. */
  #columnOf(key: string): number {
    const known = this.#columnOfKey.get(key);
    if (known !== undefined) return known;
    const bytes = Buffer.from(key, 'latin1');
    const name = JSON.parse(bytes.toString()) as string;
    // Spelled with other escapes than before.
    let column = this.#columnOfName.get(name);
    if (column === undefined) {
      if (!name.isWellFormed() || this.names.length >= this.#maxColumns) return -1;
      column = this.names.push(name) - 1;
      this.#keys.push(bytes);
      this.#columnOfName.set(name, column);
      if (column >= this.starts.length) this.#widen();
    }
    this.#columnOfKey.set(key, column);
    return column;
  }

  #widen(): void {
    const { length } = this.starts;
    const widened = <T extends Int32Array | Uint8Array | Float64Array>(from: T, to: T) => {
      to.set(from);
      return to;
    };
    this.starts = widened(this.starts, new Int32Array(length * 2));
    this.ends = widened(this.ends, new Int32Array(length * 2));
    this.kinds = widened(this.kinds, new Uint8Array(length * 2));
    this.escapes = widened(this.escapes, new Uint8Array(length * 2));
    this.#rowOf = widened(this.#rowOf, new Float64Array(length * 2));
  }
}
