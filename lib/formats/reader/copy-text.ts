import { closeSync, openSync, writeSync } from 'node:fs';
import type { CellFault, CellFaultCode } from './protocol.ts';
import { COPY_NULL } from './protocol.ts';

/** One write per row would be a system call per row; a megabyte is far above what a pipe holds and small in memory. */
const FLUSH_CHARS = 1 << 20;

const SPECIAL = /[\\\n\r\t\x01]/;
const SPECIALS = /[\\\n\r\t\x01]/g;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x01': '\\x01' };

/** A cell as a field of COPY's text format. */
export function escapeCopyText(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, (character) => ESCAPES[character] as string) : text;
}

const TEXT_FAULTS = {
  nul_character: 'The text holds a NUL character (U+0000), which PostgreSQL cannot store.',
  invalid_utf8: 'The text holds half of a surrogate pair, which is no character.',
} as const;

/** Why PostgreSQL cannot store a text; null if it can. */
export function textFault(text: string): keyof typeof TEXT_FAULTS | null {
  if (text.includes('\0')) return 'nul_character';
  return text.isWellFormed() ? null : 'invalid_utf8';
}

/** The fault of a cell as it is reported. */
export function cellFault(column: string, code: CellFaultCode, detail?: string): CellFault {
  return { column, code, detail: detail ?? TEXT_FAULTS[code as keyof typeof TEXT_FAULTS] ?? code };
}

/** Of several faults of a column the first. */
export function onePerColumn(faults: readonly CellFault[]): CellFault[] {
  const first = new Map<string | null, CellFault>();
  for (const fault of faults) if (!first.has(fault.column)) first.set(fault.column, fault);
  return [...first.values()];
}

/** Writes rows into the pipe. Writes block: nothing else happens in this process, and a parent that dies breaks them. */
export class CopyWriter {
  readonly #pipe: number;
  #text = '';

  constructor(pipePath: string) {
    this.#pipe = openSync(pipePath, 'w');
  }

  /** Appends a row of cells. */
  write(row: number, cells: readonly (string | null)[]): void {
    let line = `${row}`;
    for (const cell of cells) line += cell === null ? `\t${COPY_NULL}` : `\t${escapeCopyText(cell)}`;
    this.#text += `${line}\n`;
    if (this.#text.length >= FLUSH_CHARS) this.#flush();
  }

  /** Appends rows that are written out already. */
  writeBytes(bytes: Uint8Array): void {
    this.#flush();
    this.#send(bytes);
  }

  /** Writes what is left. */
  close(): void {
    this.#flush();
    closeSync(this.#pipe);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#pipe, bytes, written);
  }
}
