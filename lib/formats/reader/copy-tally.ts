import { FormatFault } from '../format-fault.ts';
import { type CopyCount, MAX_WITHHELD_NUMBERS, type ReaderLimits } from './protocol.ts';

/** Counts the rows of a text file on their way to COPY. */
export class CopyTally {
  /** Names of the file's columns. */
  columns: readonly string[] = [];
  rowCount = 0;
  readonly #firstRow: number;
  readonly #maxRows: number;
  #withheldRows = 0;
  readonly #withheldRowNumbers: number[] = [];

  constructor(firstRow: number, { maxRows }: ReaderLimits) {
    this.#firstRow = firstRow;
    this.#maxRows = maxRows ?? Number.POSITIVE_INFINITY;
  }

  /** Number of the row that comes next. */
  get nextRow(): number {
    return this.#firstRow + this.rowCount;
  }

  /** Counts a row that PostgreSQL is asked about, or is not. */
  add(isWithheld: boolean): void {
    if (isWithheld && ++this.#withheldRows <= MAX_WITHHELD_NUMBERS) this.#withheldRowNumbers.push(this.nextRow);
    if (++this.rowCount > this.#maxRows) {
      throw new FormatFault('too_many_rows', `The file has more than ${this.#maxRows} rows.`);
    }
  }

  get count(): CopyCount {
    const { rowCount } = this;
    return { rowCount, withheldRows: this.#withheldRows, withheldRowNumbers: this.#withheldRowNumbers };
  }
}
