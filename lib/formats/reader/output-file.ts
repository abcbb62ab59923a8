import { closeSync, openSync, writeSync } from 'node:fs';
import { FormatFault } from '../format-fault.ts';

/** A write per row would be a system call per row. */
const FLUSH_BYTES = 1 << 20;

/** A file being written. Nothing else happens in this process, so writes simply block. */
export class OutputFile {
  readonly #file: number;
  readonly #maxBytes: number;
  #text = '';
  #written = 0;

  constructor(path: string, maxBytes: number | null) {
    this.#file = openSync(path, 'w', 0o600);
    this.#maxBytes = maxBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Appends text. */
  text(text: string): void {
    this.#text += text;
    if (this.#text.length >= FLUSH_BYTES) this.#flush();
  }

  /** Appends bytes. */
  bytes(bytes: Uint8Array): void {
    this.#flush();
    this.#write(bytes);
  }

  /** Writes what is left. */
  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#text === '') return;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    this.#written += bytes.length;
    if (this.#written > this.#maxBytes) {
      throw new FormatFault('output_too_large', `The restored file takes more than ${this.#maxBytes} bytes.`);
    }
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
  }
}
