import Papa from 'papaparse';
import { FormatFault } from './format-fault.ts';
import { hasAddedColumns, unguardFormula } from './formula-guard.ts';
import { MAX_COLUMNS, MAX_ROW_CHARS } from './json-scanner.ts';
import { type CsvNewline, hasMarks, keepMarks, markQuoted, unmarkField, unmarkText } from './quoted-fields.ts';
import type { CsvRowBatch, RowFault } from './row-batch.ts';
import { StrictDecoder } from './text-decoding.ts';

/** As in the JSON scanner: the work per batch does not count, a batch of wide rows stays small. */
const ROWS_PER_BATCH = 4096;
const CHARS_PER_BATCH = 4 << 20;
const CELLS_PER_BATCH = 1 << 20;

/** Each costs a search through the text to come, so a file of nothing else would take hours. */
const MAX_MALFORMED_LINES = 1000;

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
  resume?: ScanStart;
};

/** Where in a file a scanner starts, if not with its first byte: at the start of a row. */
export interface ScanStart {
  byteOffset: number;
  rowsBefore: number;
  /** As the file's first line names them. */
  columns: readonly string[];
}

/**
 * Streaming scanner of CSV rows around papaparse's Parser, which is fed with text only up to what was decoded and
 * continues at its cursor: Papa.parse(file) slices bytes and breaks UTF-8 at the borders (PapaParse#1132).
 *
 * Cells are text exactly as in the file; one of nothing is null, a pair of quotes is the empty text, as PostgreSQL's own
 * CSV has it. Empty lines are no rows. A row of another width than the header keeps its number, is cut or filled with
 * null, and has a {@link RowFault} that carries it as it came.
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
  #hasMarks = false;
  #attemptAtLength = 0;
  #headerRead = false;
  /** Whether the file is a download of rejected rows, mended: its texts lose what keeps spreadsheets from running them. */
  #isGuarded = false;
  #cells: (string | null)[][] = [];
  #rowFaults: RowFault[] = [];
  #batchRows = 0;
  #batchChars = 0;
  #malformedLines = 0;

  constructor(options: CsvScanOptions) {
    const { delimiter, newline } = options;
    // papaparse replaces a delimiter it dislikes by a comma without a word.
    if (delimiter.length !== 1 || '\r\n"\ufeff'.includes(delimiter)) {
      throw new FormatFault('invalid_options', `${JSON.stringify(delimiter)} cannot separate fields.`);
    }
    this.#options = options;
    this.#decoder = new StrictDecoder(options.encoding, options.resume?.byteOffset);
    if (options.resume !== undefined) this.#resume(options.resume);
    this.#parser = new Papa.Parser({ delimiter, newline, quoteChar: '"' });
    this.#maxRowChars = options.maxRowChars ?? MAX_ROW_CHARS;
  }

  #resume({ columns, rowsBefore }: ScanStart): void {
    this.columns = [...columns];
    this.rowCount = rowsBefore;
    this.#headerRead = true;
    this.#isGuarded = this.#options.header && hasAddedColumns(columns);
    this.#cells = columns.map(() => []);
  }

  /** Takes the next bytes of the file, cut anywhere, and yields the batches they complete. */
  *feed(chunk: Uint8Array): Generator<CsvRowBatch> {
    for (const piece of this.#decoder.decode(chunk)) {
      this.#text += keepMarks(piece);
      if (this.#text.length >= this.#attemptAtLength) yield* this.#parse(false);
    }
  }

  /** Ends the file and yields what is left: an empty batch if the file has no rows, so that its columns are known. */
  *finish(): Generator<CsvRowBatch> {
    this.#text += keepMarks(this.#decoder.end());
    yield* this.#parse(true);
    if (!this.#headerRead) throw new FormatFault('empty_file', 'The file holds nothing.');
    if (this.#batchRows > 0 || this.rowCount === 0) yield this.#takeBatch();
  }

  *#parse(isLast: boolean): Generator<CsvRowBatch> {
    const { delimiter, newline } = this.#options;
    for (;;) {
      const isTooLong = this.#text.length > this.#maxRowChars;
      this.#text = markQuoted(this.#text, delimiter, newline, isLast);
      this.#hasMarks = hasMarks(this.#text);
      const { data, errors, meta } = this.#parser.parse(this.#text, 0, !isLast) as Papa.ParseResult<string[]>;
      // A row cut off by the end of the text is not in `data` and comes again.
      let fault = errors.find(({ row }) => row !== undefined && row < data.length);
      if (fault === undefined && isTooLong && meta.cursor === 0) fault = this.#findOpenQuote();
      const soundRows = fault?.row ?? data.length;
      for (let row = 0; row < soundRows; row++) {
        this.#takeRow(data[row] as string[]);
        if (this.#isBatchFull()) yield this.#takeBatch();
      }
      if (fault === undefined) {
        this.#batchChars += meta.cursor;
        this.#text = this.#text.slice(meta.cursor);
        // Without progress the row goes on: trying again only once the text has doubled keeps long rows linear.
        this.#attemptAtLength = meta.cursor === 0 ? this.#text.length * 2 : 0;
        return;
      }
      this.#takeMalformedLine(soundRows, fault.index ?? 0);
      if (this.#isBatchFull()) yield this.#takeBatch();
    }
  }

  #findOpenQuote(): Papa.ParseError {
    const { errors } = this.#parser.parse(this.#text, 0, false) as Papa.ParseResult<string[]>;
    const [fault] = errors;
    if (fault !== undefined) return fault;
    throw new FormatFault('row_too_large', `A row is longer than ${this.#maxRowChars} characters.`, {
      row: this.rowCount + 1,
    });
  }

  /**
   * papaparse takes text up to some later quote into a field whose quotes are wrong, which may be rows or all the rest
   * of the file. Only the line of that field is at fault: it is cut at its delimiters and the next line is a row again.
   */
  #takeMalformedLine(rowsBefore: number, fieldStart: number): void {
    const { delimiter, newline } = this.#options;
    if (!this.#headerRead && rowsBefore === 0) {
      throw new FormatFault('malformed_csv', 'The quotes in the first line are wrong.', { line: 1 });
    }
    if (++this.#malformedLines > MAX_MALFORMED_LINES) {
      throw new FormatFault('malformed_csv', `The quotes of more than ${MAX_MALFORMED_LINES} lines are wrong.`, {
        row: this.rowCount + 1,
      });
    }
    const upToRow = new Papa.Parser({ delimiter, newline, quoteChar: '"', preview: rowsBefore });
    const start =
      rowsBefore === 0 ? 0 : (upToRow.parse(this.#text, 0, false) as Papa.ParseResult<string[]>).meta.cursor;
    const lineEnd = this.#text.indexOf(newline, fieldStart);
    const line = unmarkText(this.#text.slice(start, lineEnd === -1 ? undefined : lineEnd));
    this.#takeRow(line.split(delimiter), 'A quoted field is not closed, or text follows its closing quote.');
    this.#batchChars += start + line.length;
    // Marks after the line were set without knowing that its quotes are wrong.
    this.#text = lineEnd === -1 ? '' : unmarkText(this.#text.slice(lineEnd + newline.length));
  }

  #isBatchFull(): boolean {
    return (
      this.#batchRows >= ROWS_PER_BATCH ||
      this.#batchChars >= CHARS_PER_BATCH ||
      this.#batchRows * this.columns.length >= CELLS_PER_BATCH
    );
  }

  #takeRow(found: string[], quoteFault?: string): void {
    const last = found.length - 1;
    if (this.#options.newline === '\n' && found[last]?.endsWith('\r')) {
      found[last] = (found[last] as string).slice(0, -1);
    }
    let cells: (string | null)[] = this.#hasMarks ? found.map(unmarkField) : found;
    if (this.#isGuarded) cells = cells.map((cell) => cell && unguardFormula(cell));
    const fields = cells === found ? found : cells.map((cell) => cell ?? '');
    if (found.length === 1 && (found[0] as string).trim() === '') return;
    if (!this.#headerRead) {
      this.#headerRead = true;
      this.columns = this.#options.header ? nameColumns(fields) : fields.map((_, index) => `column_${index + 1}`);
      this.#isGuarded = this.#options.header && hasAddedColumns(this.columns);
      if (this.#isGuarded) this.columns = this.columns.map(unguardFormula);
      this.#cells = this.columns.map(() => []);
      if (this.#options.header) return;
    }
    this.rowCount++;
    this.#batchRows++;
    const width = this.columns.length;
    for (let column = 0; column < width; column++) {
      const cell = cells[column] ?? null;
      const isNothing = cell === '' && found[column] === '';
      (this.#cells[column] as (string | null)[]).push(isNothing ? null : cell);
    }
    const row = this.rowCount;
    if (quoteFault !== undefined) {
      this.#rowFaults.push({ row, code: 'malformed_quotes', detail: quoteFault, fields });
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
export function nameColumns(fields: string[]): string[] {
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
