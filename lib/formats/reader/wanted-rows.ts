import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 64 << 10;
const LF = 10;
const JUDGED = 't'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const NINE = '9'.charCodeAt(0);

/**
 * Rows that are to be read again, ascending, as a file names them: a line each, its number, TAB, `t` if it is to be
 * judged, else `f`, as COPY writes them. Half the rows of a large file take no memory so. Reading blocks: the process has
 * nothing else to do.
 */
export class WantedRows {
  readonly #file: number;
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES);
  #at = 0;
  #end = 0;
  /** The number of the row wanted next; infinite after the last. */
  row = 0;
  /** Whether its cells are wanted too. */
  isJudged = false;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
    this.advance();
  }

  /** Whether a row is wanted. Rows are asked about in ascending order. */
  isWanted(row: number): boolean {
    while (this.row < row) this.advance();
    return this.row === row;
  }

  /** Goes on to the row that is wanted next. */
  advance(): void {
    let row = 0;
    let byte = this.#next();
    if (byte === null) {
      this.row = Number.POSITIVE_INFINITY;
      return;
    }
    for (; byte !== null && byte >= ZERO && byte <= NINE; byte = this.#next()) row = row * 10 + byte - ZERO;
    this.row = row;
    this.isJudged = this.#next() === JUDGED;
    while (byte !== null && byte !== LF) byte = this.#next();
  }

  close(): void {
    closeSync(this.#file);
  }

  #next(): number | null {
    if (this.#at === this.#end) {
      this.#at = 0;
      this.#end = readSync(this.#file, this.#block);
      if (this.#end === 0) return null;
    }
    return this.#block[this.#at++] as number;
  }
}
