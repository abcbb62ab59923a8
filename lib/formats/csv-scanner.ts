import Papa from 'papaparse';
import { FormatFault } from './format-fault.ts';
import { MAX_COLUMNS, MAX_ROW_CHARS } from './json-scanner.ts';
import type { CsvRowBatch, RowFault } from './row-batch.ts';
import { StrictDecoder } from './text-decoding.ts';

/** As in the JSON scanner: the work per batch does not count, a batch of wide rows stays small. */
const ROWS_PER_BATCH = 4096;
const CHARS_PER_BATCH = 4 << 20;
const CELLS_PER_BATCH = 1 << 20;

export type CsvNewline = '\n' | '\r\n' | '\r';

/** How a CSV file is written; `decimal` and `dateFormat` only matter to {@link normaliseCell}. */
export interface CsvOptions {
  /** One character. */
  delimiter: string;
  /** A label of the Encoding Standard, as TextDecoder takes it. */
  encoding: string;
  decimal: '.' | ',';
  /** `dd`, `mm` and `yyyy` in any order with one separator, as `dd/mm/yyyy`. */
  dateFormat: string;
  /** False numbers the columns `column_1`, `column_2`, … */
  header: boolean;
  newline: CsvNewline;
}

export type CsvScanOptions = Pick<CsvOptions, 'delimiter' | 'encoding' | 'header' | 'newline'> & {
  maxRowChars?: number;
};

/**
 * Streaming scanner of CSV rows around papaparse's Parser, which is fed with text only up to what was decoded and
 * continues at its cursor: Papa.parse(file) slices bytes and breaks UTF-8 at the borders (PapaParse#1132).
 *
 * Cells are text exactly as in the file, an empty one is null. Empty lines are no rows. A row of another width than
 * the header keeps its number, is cut or filled with null, and has a {@link RowFault} that carries it as it came.
 */
export class CsvScanner {
  /** Names of the columns; empty before the first row. */
  columns: string[] = [];
  /** Data rows seen so far. */
  rowCount = 0;

  readonly #options: CsvScanOptions;
  readonly #decoder: StrictDecoder;
  readonly #parser: Papa.Parser;
  readonly #maxRowChars: number;
  #text = '';
  #attemptAtLength = 0;
  #headerRead = false;
  #cells: (string | null)[][] = [];
  #rowFaults: RowFault[] = [];
  #batchRows = 0;
  #batchChars = 0;

  constructor(options: CsvScanOptions) {
    const { delimiter, newline } = options;
    // papaparse replaces a delimiter it dislikes by a comma without a word.
    if (delimiter.length !== 1 || '\r\n"\ufeff'.includes(delimiter)) {
      throw new RangeError(`${JSON.stringify(delimiter)} cannot separate fields.`);
    }
    this.#options = options;
    this.#decoder = new StrictDecoder(options.encoding);
    this.#parser = new Papa.Parser({ delimiter, newline, quoteChar: '"' });
    this.#maxRowChars = options.maxRowChars ?? MAX_ROW_CHARS;
  }

  /** Takes the next bytes of the file, cut anywhere, and yields the batches they complete. */
  *feed(chunk: Uint8Array): Generator<CsvRowBatch> {
    for (const piece of this.#decoder.decode(chunk)) {
      this.#text += piece;
      if (this.#text.length >= this.#attemptAtLength) yield* this.#parse(false);
    }
  }

  /** Ends the file and yields what is left: an empty batch if the file has no rows, so that its columns are known. */
  *finish(): Generator<CsvRowBatch> {
    this.#text += this.#decoder.end();
    yield* this.#parse(true);
    if (!this.#headerRead) throw new FormatFault('empty_file', 'The file holds nothing.');
    if (this.#batchRows > 0 || this.rowCount === 0) yield this.#takeBatch();
  }

  *#parse(isLast: boolean): Generator<CsvRowBatch> {
    const { data, errors, meta } = this.#parser.parse(this.#text, 0, !isLast) as Papa.ParseResult<string[]>;
    const faulty = new Set<number>();
    for (const error of errors) {
      // A row cut off by the end of the text is not in `data` and comes again.
      if (error.row === undefined || error.row >= data.length) continue;
      if (error.code === 'MissingQuotes') {
        throw new FormatFault('malformed_csv', 'A quoted field is never closed.', {
          row: this.rowCount + error.row + 1,
        });
      }
      faulty.add(error.row);
    }
    for (const [index, fields] of data.entries()) {
      this.#takeRow(fields, faulty.has(index));
      const isFull =
        this.#batchRows >= ROWS_PER_BATCH ||
        this.#batchChars >= CHARS_PER_BATCH ||
        this.#batchRows * this.columns.length >= CELLS_PER_BATCH;
      if (isFull) yield this.#takeBatch();
    }
    this.#batchChars += meta.cursor;
    this.#text = this.#text.slice(meta.cursor);
    if (this.#text.length > this.#maxRowChars) {
      throw new FormatFault(
        'row_too_large',
        `A row is longer than ${this.#maxRowChars} characters: a quoted field may never be closed.`,
        { row: this.rowCount + 1 },
      );
    }
    // Without progress the row goes on: trying again only once the text has doubled keeps long rows linear.
    this.#attemptAtLength = meta.cursor === 0 ? this.#text.length * 2 : 0;
  }

  #takeRow(fields: string[], hasMalformedQuotes: boolean): void {
    const last = fields.length - 1;
    if (this.#options.newline === '\n' && fields[last]?.endsWith('\r')) {
      fields[last] = (fields[last] as string).slice(0, -1);
    }
    if (fields.length === 1 && (fields[0] as string).trim() === '') return;
    if (!this.#headerRead) {
      this.#headerRead = true;
      this.columns = this.#options.header ? nameColumns(fields) : fields.map((_, index) => `column_${index + 1}`);
      this.#cells = this.columns.map(() => []);
      if (this.#options.header) return;
    }
    this.rowCount++;
    this.#batchRows++;
    const width = this.columns.length;
    for (let column = 0; column < width; column++) {
      const field = fields[column];
      (this.#cells[column] as (string | null)[]).push(field === undefined || field === '' ? null : field);
    }
    const row = this.rowCount;
    if (hasMalformedQuotes) {
      this.#rowFaults.push({ row, code: 'malformed_quotes', detail: 'A closing quote is followed by text.', fields });
    } else if (fields.length !== width) {
      const code = fields.length < width ? 'too_few_fields' : 'too_many_fields';
      this.#rowFaults.push({ row, code, detail: `The row has ${fields.length} fields instead of ${width}.`, fields });
    }
  }

  #takeBatch(): CsvRowBatch {
    const { columns } = this;
    const rowCount = this.#batchRows;
    const firstRow = this.rowCount - rowCount + 1;
    const batch = { firstRow, rowCount, columns, cells: this.#cells, kinds: null, rowFaults: this.#rowFaults };
    this.#cells = columns.map(() => []);
    this.#rowFaults = [];
    this.#batchRows = 0;
    this.#batchChars = 0;
    return batch;
  }
}

/**
 * Trims the names of a header. A name that is there twice is refused, as nobody could say which one is meant; a column
 * without a name (mostly a delimiter at the end of each line) becomes `column_<its number>`.
 */
function nameColumns(fields: string[]): string[] {
  if (fields.length > MAX_COLUMNS) {
    throw new FormatFault('too_many_columns', `The header has more than ${MAX_COLUMNS} fields.`, { line: 1 });
  }
  const taken = new Map<string, number>();
  const names = fields.map((field) => field.trim());
  for (const [index, name] of names.entries()) {
    const before = taken.get(name);
    if (name !== '' && before !== undefined) {
      const detail = `Fields ${before + 1} and ${index + 1} of the header are both named ${JSON.stringify(name)}.`;
      throw new FormatFault('duplicate_column', detail, { line: 1 });
    }
    taken.set(name, index);
  }
  return names.map((name, index) => {
    if (name !== '') return name;
    let made = `column_${index + 1}`;
    while (taken.has(made)) made += '_';
    taken.set(made, index);
    return made;
  });
}

/** Reads the rows of a CSV file batch by batch; throws {@link FormatFault}. */
export async function* scanCsv(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvScanOptions,
): AsyncGenerator<CsvRowBatch> {
  const scanner = new CsvScanner(options);
  for await (const chunk of chunks) yield* scanner.feed(chunk);
  yield* scanner.finish();
}
