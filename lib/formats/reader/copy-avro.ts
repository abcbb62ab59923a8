import type { AvroCursor, AvroRead, AvroSkip } from './avro-cells.ts';
import { CopyBytes } from './copy-bytes.ts';
import type { CopyWriter } from './copy-text.ts';

/** A field of a record and where it goes. */
export interface AvroField {
  name: string;
  /** Positions of the columns it fills. */
  cells: number[];
  read: AvroRead;
  /** Null where the bytes have to be read to know the text. */
  skip: AvroSkip | null;
}

/** Writes the rows of one Avro file as COPY text; texts go from byte to byte. */
export class AvroCopy {
  readonly #fields: AvroField[];
  /** By column, the field that fills it. */
  readonly #order: number[];
  readonly #output: CopyBytes;
  /** By field, of the row at hand: the text, or where its bytes are; -1 for null. */
  readonly #texts: (string | null)[];
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;

  constructor(fields: AvroField[], columnCount: number, writer: CopyWriter) {
    this.#fields = fields;
    this.#order = Array.from({ length: columnCount }, (_column, index) =>
      fields.findIndex(({ cells }) => cells.includes(index)),
    );
    this.#output = new CopyBytes(writer);
    this.#texts = fields.map(() => null);
    this.#starts = new Float64Array(fields.length);
    this.#ends = new Float64Array(fields.length);
  }

  /** Takes one record off the cursor; false where PostgreSQL cannot be asked about it. */
  copyRow(cursor: AvroCursor, row: number): boolean {
    this.#read(cursor);
    const output = this.#output;
    output.beginRow(row);
    for (const field of this.#order) this.#write(cursor, field);
    const isSound = cursor.faults.length === 0;
    if (isSound) output.endRow();
    else output.dropRow();
    return isSound;
  }

  flush(): void {
    this.#output.flush();
  }

  #read(cursor: AvroCursor): void {
    const fields = this.#fields;
    for (let index = 0; index < fields.length; index += 1) {
      const { name, read, skip, cells } = fields[index] as AvroField;
      if (skip !== null) {
        this.#starts[index] = skip(cursor);
        this.#ends[index] = cursor.position;
        continue;
      }
      const before = cursor.faults.length;
      cursor.column = name;
      this.#texts[index] = read(cursor);
      // A column nobody asked for cannot spoil a row.
      if (cells.length === 0) cursor.faults.length = before;
    }
  }

  #write(cursor: AvroCursor, index: number): void {
    const output = this.#output;
    const { name, skip } = this.#fields[index] as AvroField;
    if (skip === null) {
      const text = this.#texts[index] as string | null;
      if (text === null) output.addNull();
      else output.addText(text);
      return;
    }
    const start = this.#starts[index] as number;
    const end = this.#ends[index] as number;
    if (start < 0) {
      output.addNull();
      return;
    }
    const bits = output.addUnchecked(cursor.data, start, end);
    if (bits >= 0 && bits < 0x80) return;
    cursor.column = name;
    cursor.requireUtf8(cursor.data.subarray(start, end));
    if (bits < 0) cursor.reject('nul_character');
  }
}
