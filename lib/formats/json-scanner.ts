import { FormatFault, type FormatFaultCode } from './format-fault.ts';
import { GrammarFault, INCOMPLETE, JsonGrammar, nameCharacter, skipSpace, unexpected } from './json-grammar.ts';
import { KIND_BOOLEAN, KIND_JSON, KIND_NULL, KIND_NUMBER, KIND_STRING, type RowBatch } from './row-batch.ts';
import { StrictDecoder } from './text-decoding.ts';

/** Enough rows that the work per batch does not count, few enough that a batch of wide rows stays small. */
const ROWS_PER_BATCH = 4096;

/** A batch also ends here, so that rows of a megabyte do not add up to gigabytes. */
const CHARS_PER_BATCH = 4 << 20;

/** And here: a sparse file of thousands of columns would else hold mostly empty cells. */
const CELLS_PER_BATCH = 1 << 20;

/** A row must be in memory whole; PostgreSQL's own limit of 1 GB per row would let one file take the process down. */
export const MAX_ROW_CHARS = 16 << 20;

/** PostgreSQL tables end at 1600 columns; more keys than this mean keys used as data. */
export const MAX_COLUMNS = 4096;

export interface JsonScanOptions {
  /** True for NDJSON, false for one array of objects or one object. */
  lines: boolean;
  /** Columns known beforehand (from a survey): they come first, in this order, in every batch. */
  columns?: readonly string[];
  /** False leaves `cells` empty and reports kinds only, which is faster. Default true. */
  texts?: boolean;
  /** NDJSON only: the scan starts at the start of a row, so many bytes and rows into the file. */
  resume?: { byteOffset: number; rowsBefore: number };
}

// Where the scanner stands between rows.
const AT_START = 0;
const BEFORE_FIRST_ITEM = 1;
const BEFORE_ITEM = 2;
const AFTER_ITEM = 3;
const AT_END = 4;

/**
 * Streaming scanner of JSON rows. It attempts a row on the text it has; when the text ends inside the row, it tries
 * again once the text has doubled, so that even chunks of one byte cost linear time. Nothing is parsed into doubles or
 * objects: number literals and nested values stay as written, keys live in a Map.
 *
 * A single object at the top of a `json` file is one row, whatever it holds; of keys repeated in one object the last
 * wins, as in JSON.parse.
 */
export class JsonScanner {
  /** What the file turned out to be; null before its first character. */
  topLevel: 'array' | 'object' | 'lines' | null = null;
  /** Rows seen so far. */
  rowCount = 0;
  /** Whether some string holds half of a surrogate pair (escaped), which no UTF-8 file can hold as text. */
  hasLoneSurrogates = false;

  readonly #decoder: StrictDecoder;
  readonly #grammar = new JsonGrammar();
  readonly #wantTexts: boolean;
  #state = AT_START;
  #text = '';
  #position = 0;
  #attemptAtLength = 0;
  #lineBefore = 1;
  #columnBefore = 1;

  readonly #names: string[] = [];
  readonly #quotedNames: string[] = [];
  readonly #columnOfName = new Map<string, number>();
  #cells: (string | null)[][] = [];
  #kinds: Uint8Array[] = [];
  #batchRows = 0;
  #batchChars = 0;

  constructor(options: JsonScanOptions) {
    this.#wantTexts = options.texts ?? true;
    this.#decoder = new StrictDecoder('utf-8', options.resume?.byteOffset);
    this.rowCount = options.resume?.rowsBefore ?? 0;
    if (options.lines) {
      this.topLevel = 'lines';
      this.#state = BEFORE_FIRST_ITEM;
    }
    for (const name of options.columns ?? []) this.#addColumn(name, JSON.stringify(name));
  }

  /** Takes the next bytes of the file, cut anywhere, and yields the batches they complete. */
  *feed(chunk: Uint8Array): Generator<RowBatch> {
    for (const piece of this.#decoder.decode(chunk)) {
      this.#text += piece;
      if (this.#text.length - this.#position >= this.#attemptAtLength) yield* this.#scan();
    }
  }

  /** Ends the file: yields the rows left, throws if it stops where it must not. */
  *finish(): Generator<RowBatch> {
    this.#text += this.#decoder.end();
    yield* this.#scan();
    const ended = this.#state === AT_END || (this.topLevel === 'lines' && this.#position === this.#text.length);
    if (!ended) {
      const empty = this.#state === AT_START;
      throw this.#fault(
        empty ? 'empty_file' : 'truncated_file',
        empty ? 'The file holds nothing.' : 'The file ends in the middle of its data.',
        this.#text.length,
      );
    }
    if (this.#batchRows > 0) yield this.#takeBatch();
  }

  *#scan(): Generator<RowBatch> {
    this.#attemptAtLength = 0;
    while (this.#advance()) {
      const isFull =
        this.#batchRows >= ROWS_PER_BATCH ||
        this.#batchChars >= CHARS_PER_BATCH ||
        this.#batchRows * this.#names.length >= CELLS_PER_BATCH;
      if (isFull) yield this.#takeBatch();
    }
    this.#forgetConsumedText();
  }

  /** One step: a row or a mark between rows. False when the text has no more. */
  #advance(): boolean {
    const position = skipSpace(this.#text, this.#position);
    this.#position = position;
    if (position >= this.#text.length) return false;
    try {
      const mark = this.#text[position] as string;
      if (this.#state === AT_START) return this.#openFile(position, mark);
      if (this.#state === AT_END) {
        throw new GrammarFault(
          'trailing_data',
          `The data has ended, but ${nameCharacter(this.#text, position)} follows.`,
          position,
        );
      }
      if (this.#state === AFTER_ITEM) {
        if (mark === ',') this.#state = BEFORE_ITEM;
        else if (mark === ']') this.#state = AT_END;
        else throw unexpected(this.#text, position, '"," or "]"');
        this.#position++;
        return true;
      }
      if (mark === ']' && this.#state === BEFORE_FIRST_ITEM && this.topLevel === 'array') {
        this.#state = AT_END;
        this.#position++;
        return true;
      }
      return this.#takeRow(position, mark);
    } catch (cause) {
      if (cause instanceof GrammarFault) throw this.#fault(cause.code, cause.detail, cause.position);
      throw cause;
    }
  }

  #openFile(position: number, mark: string): boolean {
    if (mark === '[') {
      this.topLevel = 'array';
      this.#state = BEFORE_FIRST_ITEM;
      this.#position++;
    } else if (mark === '{') {
      this.topLevel = 'object';
      this.#state = BEFORE_ITEM;
    } else {
      throw new GrammarFault(
        'malformed_json',
        `The file begins with ${nameCharacter(this.#text, position)}, not with an array or an object.`,
        position,
      );
    }
    return true;
  }

  #takeRow(position: number, mark: string): boolean {
    if (mark !== '{') {
      const end = mark === '[' ? position + 1 : this.#grammar.skipScalar(this.#text, position);
      if (end === INCOMPLETE) return this.#wait(position);
      throw new GrammarFault('row_not_object', 'A row is not an object.', position);
    }
    const end = this.#readRow(position);
    if (end === INCOMPLETE) return this.#wait(position);
    if (this.topLevel === 'lines') {
      // Rows on one line without a line break between them are no NDJSON, and hint at a damaged file.
      const next = end < this.#text.length ? this.#text.charCodeAt(end) : 0x0a;
      if (next > 0x20)
        throw new GrammarFault(
          'malformed_json',
          `After a row, a line break was expected, not ${nameCharacter(this.#text, end)}.`,
          end,
        );
    }
    this.#state = this.topLevel === 'object' ? AT_END : this.topLevel === 'array' ? AFTER_ITEM : BEFORE_ITEM;
    this.#position = end;
    this.#batchChars += end - position;
    this.#batchRows++;
    this.rowCount++;
    return true;
  }

  #wait(position: number): false {
    const length = this.#text.length - position;
    if (length > MAX_ROW_CHARS) {
      throw new GrammarFault('row_too_large', `A row is longer than ${MAX_ROW_CHARS} characters.`, position);
    }
    this.#attemptAtLength = length * 2;
    return false;
  }

  /** Reads the object at `from` into row `#batchRows` of the batch; repeating it overwrites the same cells. */
  #readRow(from: number): number {
    const text = this.#text;
    const grammar = this.#grammar;
    let guess = 0;
    let position = skipSpace(text, from + 1);
    if (position < text.length && text.charCodeAt(position) === 0x7d) return position + 1;
    for (;;) {
      if (position >= text.length) return INCOMPLETE;
      if (text.charCodeAt(position) !== 0x22) throw unexpected(text, position, 'a key in quotes');
      // Rows mostly repeat the keys of the row before, in order: comparing beats slicing and looking up.
      const quoted = this.#quotedNames[guess];
      let column = guess;
      if (quoted !== undefined && text.startsWith(quoted, position)) {
        position += quoted.length;
      } else {
        const end = grammar.skipString(text, position);
        if (end === INCOMPLETE) return INCOMPLETE;
        column = this.#columnOf(text.slice(position, end), grammar.hasEscape, position);
        position = end;
      }
      guess = column + 1;
      position = skipSpace(text, position);
      if (position >= text.length) return INCOMPLETE;
      if (text.charCodeAt(position) !== 0x3a) throw unexpected(text, position, '":"');
      position = this.#readCell(skipSpace(text, position + 1), column);
      if (position === INCOMPLETE) return INCOMPLETE;
      position = skipSpace(text, position);
      if (position >= text.length) return INCOMPLETE;
      const mark = text.charCodeAt(position);
      if (mark === 0x7d) return position + 1;
      if (mark !== 0x2c) throw unexpected(text, position, '"," or "}"');
      position = skipSpace(text, position + 1);
    }
  }

  #readCell(from: number, column: number): number {
    const text = this.#text;
    if (from >= text.length) return INCOMPLETE;
    const mark = text.charCodeAt(from);
    const grammar = this.#grammar;
    if (mark === 0x22) {
      const end = grammar.skipString(text, from);
      if (end === INCOMPLETE) return INCOMPLETE;
      if (grammar.hasSurrogate && !(JSON.parse(text.slice(from, end)) as string).isWellFormed()) {
        this.hasLoneSurrogates = true;
      }
      if (!this.#wantTexts) return this.#put(column, KIND_STRING, null, end);
      const content = grammar.hasEscape ? (JSON.parse(text.slice(from, end)) as string) : text.slice(from + 1, end - 1);
      return this.#put(column, KIND_STRING, content, end);
    }
    if (mark === 0x7b || mark === 0x5b) {
      const end = grammar.skipContainer(text, from, 1);
      if (end === INCOMPLETE) return INCOMPLETE;
      return this.#put(column, KIND_JSON, this.#wantTexts ? text.slice(from, end) : null, end);
    }
    const end = grammar.skipScalar(text, from);
    if (end === INCOMPLETE) return INCOMPLETE;
    if (mark === 0x6e) return this.#put(column, KIND_NULL, null, end);
    const kind = mark === 0x74 || mark === 0x66 ? KIND_BOOLEAN : KIND_NUMBER;
    return this.#put(column, kind, this.#wantTexts ? text.slice(from, end) : null, end);
  }

  #put(column: number, kind: number, cell: string | null, end: number): number {
    const row = this.#batchRows;
    (this.#kinds[column] as Uint8Array)[row] = kind;
    if (this.#wantTexts) {
      const cells = this.#cells[column] as (string | null)[];
      while (cells.length < row) cells.push(null);
      cells[row] = cell;
    }
    return end;
  }

  #columnOf(quoted: string, hasEscape: boolean, position: number): number {
    const name = hasEscape ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
    const known = this.#columnOfName.get(name);
    if (known !== undefined) return known;
    if (!name.isWellFormed()) {
      throw new GrammarFault('invalid_column_name', 'A key holds half of a surrogate pair.', position);
    }
    if (this.#names.length >= MAX_COLUMNS) {
      throw new GrammarFault('too_many_columns', `The file has more than ${MAX_COLUMNS} different keys.`, position);
    }
    // Joined anew: a slice would keep the whole text it was cut from alive.
    return this.#addColumn(name.split('').join(''), quoted.split('').join(''));
  }

  #addColumn(name: string, quoted: string): number {
    const column = this.#names.push(name) - 1;
    this.#quotedNames.push(quoted);
    this.#columnOfName.set(name, column);
    this.#cells.push([]);
    this.#kinds.push(new Uint8Array(ROWS_PER_BATCH));
    return column;
  }

  #takeBatch(): RowBatch {
    const rowCount = this.#batchRows;
    const { cells, kinds } = { cells: this.#cells, kinds: this.#kinds };
    if (this.#wantTexts) {
      for (const column of cells) while (column.length < rowCount) column.push(null);
    }
    this.#cells = this.#names.map(() => []);
    this.#kinds = this.#names.map(() => new Uint8Array(ROWS_PER_BATCH));
    this.#batchRows = 0;
    this.#batchChars = 0;
    return { firstRow: this.rowCount - rowCount + 1, rowCount, columns: this.#names.slice(), cells, kinds };
  }

  #forgetConsumedText(): void {
    const place = this.#placeOf(this.#position);
    this.#lineBefore = place.line;
    this.#columnBefore = place.column;
    this.#text = this.#text.slice(this.#position);
    this.#position = 0;
  }

  #placeOf(position: number): { line: number; column: number } {
    let line = this.#lineBefore;
    let lineStart = 1 - this.#columnBefore;
    for (let at = this.#text.indexOf('\n'); at !== -1 && at < position; at = this.#text.indexOf('\n', at + 1)) {
      line++;
      lineStart = at + 1;
    }
    return { line, column: position - lineStart + 1 };
  }

  #fault(code: FormatFaultCode, detail: string, position: number): FormatFault {
    const isInRow = this.#state !== AT_START && this.#state !== AT_END;
    return new FormatFault(code, detail, { ...this.#placeOf(position), row: isInRow ? this.rowCount + 1 : undefined });
  }
}

/** Reads the rows of a JSON or NDJSON file batch by batch; throws {@link FormatFault}. */
export async function* scanJson(chunks: AsyncIterable<Uint8Array>, options: JsonScanOptions): AsyncGenerator<RowBatch> {
  const scanner = new JsonScanner(options);
  for await (const chunk of chunks) yield* scanner.feed(chunk);
  yield* scanner.finish();
}
