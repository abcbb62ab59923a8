import { S3Error } from './s3-error.ts';

const EMPTY = Buffer.alloc(0);

/** Reads lines, counted bytes and delimited stretches off a stream of buffers, holding no more than it must. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = EMPTY;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The text up to the next CRLF, which is consumed; `null` if the stream ended before anything came. */
  async readLine(maxBytes: number): Promise<string | null> {
    for (;;) {
      const end = this.#buffer.indexOf('\r\n');
      if (end > maxBytes || (end < 0 && this.#buffer.length > maxBytes + 1)) {
        throw new S3Error('InvalidRequest', 'A line in the body is too long.');
      }
      if (end >= 0) {
        const line = this.#buffer.toString('utf8', 0, end);
        this.#buffer = this.#buffer.subarray(end + 2);
        return line;
      }
      if (!(await this.#fill())) {
        if (this.#buffer.length === 0) return null;
        throw new S3Error('IncompleteBody', 'The body ended in the middle of a line.');
      }
    }
  }

  /** Exactly so many bytes, in the pieces in which they arrive. */
  async *readBytes(count: number): AsyncGenerator<Buffer> {
    let missing = count;
    while (missing > 0) {
      if (this.#buffer.length === 0 && !(await this.#fill())) {
        throw new S3Error('IncompleteBody', 'The body is shorter than it says.');
      }
      const piece = this.#buffer.subarray(0, missing);
      this.#buffer = this.#buffer.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  /** The bytes before a delimiter, in the pieces in which they arrive; the delimiter is consumed. */
  async *readUntil(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const found = this.#buffer.indexOf(delimiter);
      if (found >= 0) {
        const piece = this.#buffer.subarray(0, found);
        this.#buffer = this.#buffer.subarray(found + delimiter.length);
        if (piece.length > 0) yield piece;
        return;
      }
      // The tail may be the beginning of the delimiter, so it waits for the next piece.
      const safe = this.#buffer.length - (delimiter.length - 1);
      if (safe > 0) {
        const piece = this.#buffer.subarray(0, safe);
        this.#buffer = this.#buffer.subarray(safe);
        yield piece;
      }
      if (!(await this.#fill())) throw new S3Error('IncompleteBody', 'The body ended before its last delimiter.');
    }
  }

  /** All that is left, as text; `null` if that is more than so many bytes. */
  async readRest(maxBytes: number): Promise<string | null> {
    while (this.#buffer.length <= maxBytes && (await this.#fill()));
    return this.#buffer.length > maxBytes ? null : this.#buffer.toString('utf8');
  }

  /** Lets go of the stream; without it an abandoned request could not be drained afterwards. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(): Promise<boolean> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done) return false;
      if (next.value.length === 0) continue;
      this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
      return true;
    }
  }
}
