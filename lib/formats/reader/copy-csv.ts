import { arrayLiteral } from '../array-literal.ts';
import { type CsvOptions, nameColumns } from '../csv-scanner.ts';
import { hasAddedColumns } from '../formula-guard.ts';
import { normaliseCell } from '../normalise-cell.ts';
import { CopyBytes } from './copy-bytes.ts';
import type { CopyTally } from './copy-tally.ts';
import { type CopyWriter, textFault } from './copy-text.ts';
import { CsvRows, canTellBytes, INCOMPLETE, NUL, QUOTED, SPECIAL, STRANGE } from './csv-rows.ts';
import { eachUtf8Block, type FileRange } from './file-blocks.ts';
import { type CellTarget, type CopyColumn, categoryOf, elementOf } from './protocol.ts';

const ZERO = 0x30;
const DASH = 0x2d;
const SPACE = 0x20;

/** How the cells of a column are written. */
interface CellPlan {
  /** Of the file's column; -1 where it has none. */
  position: number;
  /** Of the types only text has an empty value. */
  isText: boolean;
  /** Null where the cell is written as it stands. */
  convert: ((text: string) => string) | null;
  /** Whether this one is what `convert` would make of it. */
  isReady: (bytes: Uint8Array, start: number, end: number) => boolean;
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

function isWholeNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  if (bytes[at] === DASH) at += 1;
  if (at === end) return false;
  for (; at < end; at += 1) if (!isDigit(bytes[at])) return false;
  return true;
}

/** `2024-12-31`, and whatever follows a space or a T, its end excepted, which might have to be trimmed. */
function isIsoDate(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 10 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return false;
  for (let at = 0; at < 10; at += 1) if (at !== 4 && at !== 7 && !isDigit(bytes[start + at])) return false;
  if (end - start === 10) return true;
  const separator = bytes[start + 10];
  const last = bytes[end - 1] as number;
  return (separator === SPACE || separator === 0x54) && last > SPACE && last < 0x7f;
}

const never = () => false;

function planCell(target: CellTarget, csv: CsvOptions): Pick<CellPlan, 'convert' | 'isReady'> {
  const element = elementOf(target);
  if (element !== null) return { convert: (text) => arrayLiteral(text, element), isReady: never };
  const category = categoryOf(target);
  const convert = (text: string) => normaliseCell(text, csv, category);
  if (category === 'number' && csv.decimal === ',') return { convert, isReady: isWholeNumber };
  if (category === 'date' || category === 'timestamp') {
    return { convert, isReady: csv.dateFormat.toLowerCase() === 'yyyy-mm-dd' ? isIsoDate : never };
  }
  return { convert: null, isReady: never };
}

/** Writes the rows of one file. */
class CsvCopy {
  readonly #rows: CsvRows;
  readonly #output: CopyBytes;
  readonly #columns: CopyColumn[];
  readonly #csv: CsvOptions;
  readonly #tally: CopyTally;
  /** Whether texts have to lose what keeps spreadsheets from running them: the scanner knows how. */
  isGuarded = false;
  #plans: CellPlan[] = [];
  #width = 0;
  /** Where the first byte is that no row was made of. */
  restAt = 0;

  constructor(csv: CsvOptions, columns: CopyColumn[], writer: CopyWriter, tally: CopyTally) {
    this.#rows = new CsvRows({ ...csv, encoding: 'utf-8' });
    this.#output = new CopyBytes(writer);
    this.#columns = columns;
    this.#csv = csv;
    this.#tally = tally;
  }

  /** Says which columns the file has. */
  name(names: readonly string[]): void {
    this.#tally.columns = names;
    this.#width = names.length;
    this.isGuarded = this.#csv.header && hasAddedColumns(names);
    this.#plans = this.#columns.map(({ source, target }) => {
      return { position: names.indexOf(source), isText: target === 'text', ...planCell(target, this.#csv) };
    });
  }

  /** Takes whole rows; null where the scanner has to go on. */
  take(bytes: Buffer, offset: number, isLast: boolean): number | null {
    let at = 0;
    while (at < bytes.length) {
      const next = this.#rows.next(bytes, at, isLast);
      if (next === STRANGE) return null;
      if (next === INCOMPLETE) break;
      at = next;
      this.restAt = offset + at;
      if (this.#rows.count === 0) continue;
      if (this.#width > 0 || !this.#takeHeader(bytes)) this.#takeRow(bytes);
      if (this.isGuarded) return null;
    }
    return at;
  }

  flush(): void {
    this.#output.flush();
  }

  #takeHeader(bytes: Buffer): boolean {
    const { count } = this.#rows;
    const fields = Array.from({ length: count }, (_, index) => this.#text(bytes, index));
    this.name(this.#csv.header ? nameColumns(fields) : fields.map((_, index) => `column_${index + 1}`));
    return this.#csv.header;
  }

  #text(bytes: Buffer, field: number): string {
    const { starts, ends, marks } = this.#rows;
    const text = bytes.toString('utf8', starts[field], ends[field]);
    const isDoubled = ((marks[field] as number) & (QUOTED | SPECIAL)) === (QUOTED | SPECIAL);
    return isDoubled ? text.replaceAll('""', '"') : text;
  }

  #takeRow(bytes: Buffer): void {
    const tally = this.#tally;
    const output = this.#output;
    output.beginRow(tally.nextRow);
    const isWithheld = this.#rows.count !== this.#width || !this.#writeCells(bytes);
    if (isWithheld) output.dropRow();
    else output.endRow();
    tally.add(isWithheld);
  }

  /** False where PostgreSQL cannot be asked about the row. */
  #writeCells(bytes: Buffer): boolean {
    const output = this.#output;
    const { starts, ends, marks } = this.#rows;
    for (const plan of this.#plans) {
      const { position, convert } = plan;
      const start = starts[position] as number;
      const end = ends[position] as number;
      const mark = marks[position] as number;
      if (position < 0 || (start === end && !(plan.isText && mark === QUOTED))) output.addNull();
      else if (convert !== null && !plan.isReady(bytes, start, end)) {
        const cell = convert(this.#text(bytes, position));
        if (textFault(cell) !== null) return false;
        output.addText(cell);
      } else if ((mark & SPECIAL) === 0) output.addPlain(bytes, start, end);
      else if ((mark & NUL) !== 0) return false;
      else output.addEscaped(bytes, start, end, (mark & QUOTED) !== 0);
    }
    return true;
  }
}

/**
 * Writes the rows of a CSV file as COPY text from byte to byte, at a quarter of the time that cells of strings take.
 * @returns null, or where the scanner has to go on after the rows that `tally` counted: in bytes of UTF-8
 */
export async function copyCsvBytes(
  range: FileRange,
  fileColumns: readonly string[] | null,
  csv: CsvOptions,
  columns: CopyColumn[],
  writer: CopyWriter,
  tally: CopyTally,
): Promise<number | null> {
  if (!canTellBytes(csv.delimiter, 'utf-8')) return 0;
  const copy = new CsvCopy(csv, columns, writer, tally);
  if (fileColumns !== null) copy.name(fileColumns);
  if (copy.isGuarded) return 0;
  const whole = await eachUtf8Block(range, csv.encoding, (bytes, offset, isLast) => copy.take(bytes, offset, isLast));
  copy.flush();
  return whole !== null && tally.columns.length > 0 ? null : copy.restAt;
}
