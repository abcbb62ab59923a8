import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { OutputFile } from './output-file.ts';

/** Readers unpack a block at a time; larger ones hardly pack better. */
const BLOCK_BYTES = 256 << 10;

/**
 * What a column's texts are: `number` stands for a literal of any kind, which becomes a long or a double where that is
 * exact, and otherwise stays a string.
 */
export type TextKind = 'string' | 'boolean' | 'long' | 'double' | 'number';

/** A column of rows given as text. */
export interface TextColumn {
  name: string;
  kind: TextKind;
}

const BRANCHES: Record<TextKind, string[]> = {
  string: ['null', 'string'],
  boolean: ['null', 'boolean'],
  long: ['null', 'long'],
  double: ['null', 'double'],
  number: ['null', 'string', 'long', 'double'],
};

const MAX_LONG = 2n ** 63n - 1n;

/** Writes an Avro container file from rows of text. */
export class AvroWriter {
  readonly #output: OutputFile;
  readonly #columns: TextColumn[];
  readonly #sync = randomBytes(16);
  #parts: Buffer[] = [];
  #bytes = 0;
  #rows = 0;

  constructor(output: OutputFile, columns: TextColumn[]) {
    this.#output = output;
    this.#columns = columns;
    const schema = JSON.stringify({ type: 'record', name: 'Row', fields: avroFields(columns) });
    const metadata = [longBytes(2n), textBytes('avro.schema'), textBytes(schema)];
    metadata.push(textBytes('avro.codec'), textBytes('deflate'), longBytes(0n));
    output.bytes(Buffer.concat([Buffer.from('Obj\x01', 'latin1'), ...metadata, this.#sync]));
  }

  /** Appends a row. */
  write(cells: readonly (string | null)[]): void {
    for (const [index, { kind }] of this.#columns.entries()) this.#push(encodeCell(cells[index] ?? null, kind));
    this.#rows++;
    if (this.#bytes >= BLOCK_BYTES) this.#endBlock();
  }

  /** Writes the last block; the output stays open. */
  close(): void {
    this.#endBlock();
  }

  #push(parts: Buffer[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.#bytes += part.length;
    }
  }

  #endBlock(): void {
    if (this.#rows === 0) return;
    const packed = deflateRawSync(Buffer.concat(this.#parts));
    this.#output.bytes(longBytes(BigInt(this.#rows)));
    this.#output.bytes(longBytes(BigInt(packed.length)));
    this.#output.bytes(packed);
    this.#output.bytes(this.#sync);
    this.#parts = [];
    this.#bytes = 0;
    this.#rows = 0;
  }
}

/** Avro knows names of letters, digits and `_` only: what a column was called is kept as its documentation. */
function avroFields(columns: TextColumn[]): object[] {
  const taken = new Set<string>();
  return columns.map(({ name, kind }) => {
    const plain = name
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .replace(/[^A-Za-z0-9_]/g, '_');
    const wanted = /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`;
    let unique = wanted;
    for (let count = 2; taken.has(unique); count++) unique = `${wanted}_${count}`;
    taken.add(unique);
    return { name: unique, type: BRANCHES[kind], default: null, ...(unique === name ? {} : { doc: name }) };
  });
}

function encodeCell(cell: string | null, kind: TextKind): Buffer[] {
  if (cell === null) return [longBytes(0n)];
  const branch = kind === 'number' ? branchOfNumber(cell) : kind;
  const index = longBytes(BigInt(BRANCHES[kind].indexOf(branch)));
  if (branch === 'long') return [index, longBytes(BigInt(cell))];
  if (branch === 'boolean') return [index, Buffer.from([cell === 'true' ? 1 : 0])];
  if (branch === 'string') return [index, textBytes(cell)];
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(cell));
  return [index, bytes];
}

function branchOfNumber(text: string): 'string' | 'long' | 'double' {
  if (/^-?(?:0|[1-9]\d{0,18})$/.test(text) && text !== '-0') {
    const value = BigInt(text);
    return value <= MAX_LONG && value >= -MAX_LONG - 1n ? 'long' : 'string';
  }
  return String(Number(text)) === text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') ? 'double' : 'string';
}

function longBytes(value: bigint): Buffer {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function textBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([longBytes(BigInt(bytes.length)), bytes]);
}
