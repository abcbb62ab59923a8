/**
 * What the elements of an array are: of `json` each element is JSON text, lists inside included; of `integer` a
 * fraction of nothing but zeros is dropped.
 */
export type ArrayElement = 'plain' | 'integer' | 'json';

const SPACE = /\s*/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
// Also NaN and Infinity, which lists of floats hold: PostgreSQL judges.
const BARE = /[^\s"[\]{},:]+/y;

/** More levels than PostgreSQL's six are left to it to refuse; text of a stranger must not exhaust the stack. */
const MAX_DEPTH = 64;

/**
 * Rewrites a list in JSON as a PostgreSQL array: `[1, null, "a"]` as `{"1",NULL,"a"}`. Any other text is handed back as
 * it is, PostgreSQL's own `{…}` and `[0:1]={…}` included, for PostgreSQL to judge.
 */
export function arrayLiteral(text: string, element: ArrayElement): string {
  if (!/^\s*\[/.test(text)) return text;
  const list = new ListReader(text, element);
  return list.read() ?? text;
}

class ListReader {
  readonly #text: string;
  readonly #element: ArrayElement;
  #position = 0;

  constructor(text: string, element: ArrayElement) {
    this.#text = text;
    this.#element = element;
  }

  /** Null where the text is no list. */
  read(): string | null {
    this.#match(SPACE);
    const literal = this.#list(1);
    this.#match(SPACE);
    return this.#position === this.#text.length ? literal : null;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#position += found?.length ?? 0;
    return found;
  }

  #take(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #list(depth: number): string | null {
    if (depth > MAX_DEPTH || !this.#take('[')) return null;
    if (this.#take(']')) return '{}';
    const items: string[] = [];
    do {
      const item = this.#item(depth);
      if (item === null) return null;
      items.push(item);
    } while (this.#take(','));
    return this.#take(']') ? `{${items.join(',')}}` : null;
  }

  #item(depth: number): string | null {
    this.#match(SPACE);
    const start = this.#position;
    const first = this.#text[start];
    if (first === '[' && this.#element !== 'json') return this.#list(depth + 1);
    if (first === '[' || first === '{')
      return this.#skipNested() ? quote(this.#text.slice(start, this.#position)) : null;
    if (first === '"') {
      const string = this.#match(STRING);
      if (string === null) return null;
      return quote(this.#element === 'json' ? string : unescapeString(string));
    }
    const bare = this.#match(BARE);
    if (bare === null) return null;
    if (bare === 'null') return 'NULL';
    return quote(this.#element === 'integer' ? bare.replace(/^(-?\d+)\.0+$/, '$1') : bare);
  }

  /** Passes over an object or a list inside; its own grammar is the column type's business. */
  #skipNested(): boolean {
    let open = 0;
    while (this.#position < this.#text.length) {
      const character = this.#text[this.#position];
      if (character === '"') {
        if (this.#match(STRING) === null) return false;
        continue;
      }
      this.#position++;
      if (character === '[' || character === '{') open++;
      else if (character === ']' || character === '}') open--;
      if (open === 0) return true;
    }
    return false;
  }
}

/** Quotes are always right, whatever the element holds: `NULL`, commas, braces, nothing. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function unescapeString(string: string): string {
  try {
    return JSON.parse(string) as string;
  } catch {
    // A control character that JSON wants escaped, or an escape it does not know.
    return string.slice(1, -1);
  }
}
