import type { FileChunk } from './protocol.ts';

/** Gathers rows, as they are found from front to back, to chunks of about `chunkRows`. */
export class ChunkList {
  readonly #chunkRows: number;
  readonly #chunks: FileChunk[] = [];
  #from: number;
  #rows = 0;
  rowCount = 0;

  /** @param from offset of the first row's first byte */
  constructor(chunkRows: number, from: number) {
    this.#chunkRows = chunkRows;
    this.#from = from;
  }

  /** Notes that so many more rows end before the byte at `offset`. */
  add(rows: number, offset: number): void {
    this.#rows += rows;
    this.rowCount += rows;
    if (this.#rows >= this.#chunkRows) this.#close(offset);
  }

  #close(to: number): void {
    const firstRow = this.rowCount - this.#rows + 1;
    this.#chunks.push({ firstRow, rowCount: this.#rows, from: this.#from, to });
    this.#from = to;
    this.#rows = 0;
  }

  /** The chunks of a file of `size` bytes; null where it has fewer rows than two chunks. */
  end(size: number): FileChunk[] | null {
    if (this.#rows > 0) this.#close(size);
    return this.rowCount < 2 * this.#chunkRows || this.#chunks.length < 2 ? null : this.#chunks;
  }
}
