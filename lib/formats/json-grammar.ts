import type { FormatFaultCode } from './format-fault.ts';

/** Returned instead of a position when the text ends before the token does. */
export const INCOMPLETE = -1;

/**
 * Deeper nesting is refused. PostgreSQL stops at a few thousand levels, JSON.parse of browsers at some more; no export
 * of real data comes near this. The stack below is one byte per level.
 */
export const MAX_DEPTH = 512;

/** Thrown by the grammar; whoever knows lines and rows turns it into a FormatFault. */
export class GrammarFault extends Error {
  readonly code: FormatFaultCode;
  readonly detail: string;
  readonly position: number;

  constructor(code: FormatFaultCode, detail: string, position: number) {
    super(detail);
    this.code = code;
    this.detail = detail;
    this.position = position;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

// What may come next inside a container.
const VALUE = 0;
const VALUE_OR_END = 1;
const KEY = 2;
const KEY_OR_END = 3;
const AFTER_KEY = 4;
const AFTER_VALUE = 5;

/** What the grammar asks of a text: strings have it, and so has {@link ByteText}. */
export type JsonText = Pick<string, 'length' | 'charCodeAt' | 'codePointAt' | 'startsWith' | 'slice'>;

/** Names a character for a message. */
export function nameCharacter(text: JsonText, position: number): string {
  const point = text.codePointAt(position);
  if (point === undefined) return 'end of text';
  const hex = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return point <= 0x20 || (point >= 0x7f && point < 0xa0) ? hex : `"${String.fromCodePoint(point)}" (${hex})`;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Position of the first character that is not JSON white space. */
export function skipSpace(text: JsonText, from: number): number {
  let position = from;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
    position++;
  }
  return position;
}

/**
 * Finds the end of JSON tokens in a text that may be cut anywhere, checking every character of the grammar (RFC 8259)
 * on the way. It builds nothing and never recurses: what a token holds is sliced from the text by the caller.
 */
export class JsonGrammar {
  /** Whether the string skipped last holds an escape. */
  hasEscape = false;
  /** Whether it holds an escaped half of a surrogate pair, with or without its other half. */
  hasSurrogate = false;
  readonly #stack = new Uint8Array(MAX_DEPTH);

  /** From the opening quote to behind the closing one. */
  skipString(text: JsonText, from: number): number {
    const end = text.length;
    let position = from + 1;
    this.hasEscape = false;
    this.hasSurrogate = false;
    while (position < end) {
      const code = text.charCodeAt(position);
      if (code === QUOTE) return position + 1;
      if (code === BACKSLASH) {
        this.hasEscape = true;
        position = this.#skipEscape(text, position);
        if (position === INCOMPLETE) return INCOMPLETE;
      } else if (code >= 0x20) {
        position++;
      } else {
        throw new GrammarFault(
          'malformed_json',
          `A string holds ${nameCharacter(text, position)} unescaped.`,
          position,
        );
      }
    }
    return INCOMPLETE;
  }

  #skipEscape(text: JsonText, from: number): number {
    if (from + 1 >= text.length) return INCOMPLETE;
    const kind = String.fromCharCode(text.charCodeAt(from + 1));
    if (kind !== 'u') {
      if (!'"\\/bfnrt'.includes(kind)) {
        throw new GrammarFault('malformed_json', `\\${kind} is not an escape.`, from);
      }
      return from + 2;
    }
    for (let position = from + 2; position < from + 6; position++) {
      if (position >= text.length) return INCOMPLETE;
      const code = text.charCodeAt(position) | 0x20;
      if (!(isDigit(text.charCodeAt(position)) || (code >= 0x61 && code <= 0x66))) {
        throw new GrammarFault('malformed_json', 'An escape \\u is not followed by four hexadecimal digits.', from);
      }
    }
    // \uD800 to \uDFFF.
    if ((text.charCodeAt(from + 2) | 0x20) === 0x64 && text.charCodeAt(from + 3) >= 0x38) this.hasSurrogate = true;
    return from + 6;
  }

  /** A number ends only where something else follows, so one at the end of the text is incomplete. */
  skipNumber(text: JsonText, from: number): number {
    let position = from;
    if (text.charCodeAt(position) === 0x2d) position++;
    if (text.charCodeAt(position) === 0x30) position++;
    else position = this.#skipDigits(text, position);
    if (position === INCOMPLETE || position >= text.length) return INCOMPLETE;
    if (text.charCodeAt(position) === 0x2e) {
      position = this.#skipDigits(text, position + 1);
      if (position === INCOMPLETE || position >= text.length) return INCOMPLETE;
    }
    if ((text.charCodeAt(position) | 0x20) === 0x65) {
      position++;
      const sign = text.charCodeAt(position);
      if (sign === 0x2b || sign === 0x2d) position++;
      position = this.#skipDigits(text, position);
    }
    if (position === INCOMPLETE || position >= text.length) return INCOMPLETE;
    const code = text.charCodeAt(position);
    if (isDigit(code)) throw new GrammarFault('malformed_json', 'A number begins with a needless zero.', from);
    return position;
  }

  #skipDigits(text: JsonText, from: number): number {
    let position = from;
    while (position < text.length && isDigit(text.charCodeAt(position))) position++;
    if (position >= text.length) return INCOMPLETE;
    if (position === from) {
      throw new GrammarFault('malformed_json', `A digit was expected, not ${nameCharacter(text, position)}.`, position);
    }
    return position;
  }

  /** `true`, `false` or `null`. */
  skipLiteral(text: JsonText, from: number): number {
    const first = text.charCodeAt(from);
    const literal = first === 0x74 ? 'true' : first === 0x66 ? 'false' : first === 0x6e ? 'null' : '';
    if (literal !== '' && text.startsWith(literal, from)) return from + literal.length;
    if (literal !== '' && literal.startsWith(text.slice(from, from + literal.length))) return INCOMPLETE;
    throw new GrammarFault('malformed_json', `A value was expected, not ${nameCharacter(text, from)}.`, from);
  }

  /** An object or an array with everything in it; `outerDepth` levels are open around it. */
  skipContainer(text: JsonText, from: number, outerDepth: number): number {
    const stack = this.#stack;
    let depth = 0;
    let state = VALUE;
    let position = from;
    for (;;) {
      position = skipSpace(text, position);
      if (position >= text.length) return INCOMPLETE;
      const code = text.charCodeAt(position);
      if (state === AFTER_VALUE) {
        const isObject = stack[depth - 1] === OPEN_OBJECT;
        if (code === COMMA) state = isObject ? KEY : VALUE;
        else if (code === (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) depth--;
        else throw unexpected(text, position, isObject ? '"," or "}"' : '"," or "]"');
        position++;
        if (depth === 0) return position;
      } else if (state === AFTER_KEY) {
        if (code !== COLON) throw unexpected(text, position, '":"');
        position++;
        state = VALUE;
      } else if (state === KEY || state === KEY_OR_END) {
        if (code === QUOTE) {
          position = this.skipString(text, position);
          state = AFTER_KEY;
        } else if (code === CLOSE_OBJECT && state === KEY_OR_END) {
          position++;
          depth--;
          if (depth === 0) return position;
          state = AFTER_VALUE;
        } else throw unexpected(text, position, 'a key in quotes');
      } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        if (depth + outerDepth >= MAX_DEPTH) {
          throw new GrammarFault('nesting_too_deep', `More than ${MAX_DEPTH} levels are nested.`, position);
        }
        stack[depth++] = code;
        position++;
        state = code === OPEN_OBJECT ? KEY_OR_END : VALUE_OR_END;
      } else if (code === CLOSE_ARRAY && state === VALUE_OR_END) {
        position++;
        depth--;
        if (depth === 0) return position;
        state = AFTER_VALUE;
      } else {
        position = this.skipScalar(text, position);
        state = AFTER_VALUE;
      }
      if (position === INCOMPLETE) return INCOMPLETE;
    }
  }

  /** A string, number, true, false or null. */
  skipScalar(text: JsonText, from: number): number {
    const code = text.charCodeAt(from);
    if (code === QUOTE) return this.skipString(text, from);
    if (code === 0x2d || isDigit(code)) return this.skipNumber(text, from);
    return this.skipLiteral(text, from);
  }
}

/** The fault of a character that the grammar does not allow at its place. */
export function unexpected(text: JsonText, position: number, expected: string): GrammarFault {
  return new GrammarFault(
    'malformed_json',
    `${expected} was expected, not ${nameCharacter(text, position)}.`,
    position,
  );
}
