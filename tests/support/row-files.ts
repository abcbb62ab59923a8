import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, VARCHAR } from '@duckdb/node-api';
import avsc from 'avsc';
import { convertToParquet } from '#lib/formats/convert-to-parquet.ts';
import type { CellValue } from './column-kind.ts';
import type { GeneratedFile } from './row-generator.ts';

const OP = 'op';

/** CSV with every text quoted, so that '' and NULL stay apart. */
export function csvOf({ kinds, rows }: GeneratedFile): Buffer {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = rows.map(({ op, cells }) =>
    [...kinds.map(({ name }) => spelling(cells.get(name) ?? null, name.length + cells.size)), op]
      .map((cell) => (cell === null ? '' : quote(cell)))
      .join(','),
  );
  return Buffer.from([[...kinds.map(({ name }) => name), OP].join(','), ...lines, ''].join('\r\n'));
}

/** Lists may stand in text files as PostgreSQL writes them or as JSON. */
function spelling(cell: CellValue | null, turn: number): string | null {
  if (cell === null) return null;
  return turn % 2 === 0 && cell.json?.startsWith('[') && cell.text.startsWith('{') ? cell.json : cell.text;
}

const jsonValue = (cell: CellValue | null) => (cell === null ? 'null' : (cell.json ?? JSON.stringify(cell.text)));

function jsonRows({ kinds, rows }: GeneratedFile): string[] {
  return rows.map(({ op, cells }, index) => {
    // A member left out is a NULL as well, where other rows have the column.
    const members = kinds
      .filter(({ name }) => index === 0 || index % 3 > 0 || cells.get(name) !== null)
      .map(({ name }) => `${JSON.stringify(name)}:${jsonValue(cells.get(name) ?? null)}`);
    return `{${[...members, ...(op === null && index > 0 ? [] : [`"op":${JSON.stringify(op)}`])].join(',')}}`;
  });
}

/** One JSON object a line. */
export const ndjsonOf = (file: GeneratedFile): Buffer => Buffer.from(jsonRows(file).join('\n'));

/** A JSON array. */
export const jsonOf = (file: GeneratedFile): Buffer => Buffer.from(`[\n${jsonRows(file).join(' ,\n')}\n]`);

/** Parquet as the browser makes it. */
export async function convertedOf(bytes: Buffer, format: 'csv' | 'json' | 'ndjson'): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await convertToParquet({
    open: async function* () {
      yield bytes;
    },
    format,
    sink: { write: (chunk) => Promise.resolve(void chunks.push(Uint8Array.from(chunk))), close: async () => {} },
  });
  return Buffer.concat(chunks);
}

/** Avro with a type of its own for every column. */
export function avroOf({ kinds, rows }: GeneratedFile): Promise<Buffer> {
  const long = avsc.types.LongType.__with({
    fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(value);
      return bytes;
    },
    fromJSON: BigInt,
    toJSON: String,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (a: bigint, b: bigint) => Number(a - b),
  });
  const fields = [
    ...kinds.map(({ name, avro }) => ({ name, type: ['null', avro.type], default: null })),
    { name: OP, type: ['null', 'string'], default: null },
  ];
  const schema = { type: 'record', name: 'Row', fields };
  // avsc makes a type of its own for a long with a logical type: the values are written as what they are, and the
  // header says what they mean.
  const plain = JSON.parse(JSON.stringify(schema), (_key, part) => (part?.type === 'long' ? 'long' : part));
  const type = avsc.Type.forSchema(plain, { registry: { long }, wrapUnions: 'never' } as never);
  return new Promise((resolve, reject) => {
    const encoder = new avsc.streams.BlockEncoder(type, { codec: 'deflate', blockSize: 30_000 });
    Reflect.set(encoder, '_schema', schema);
    const chunks: Buffer[] = [];
    encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
    encoder.on('end', () => resolve(Buffer.concat(chunks)));
    encoder.on('error', reject);
    for (const { op, cells } of rows) {
      const entries = kinds.map(({ name, avro }) => {
        const cell = cells.get(name) ?? null;
        return [name, cell === null ? null : avro.encode(cell)];
      });
      encoder.write({ ...Object.fromEntries(entries), [OP]: op });
    }
    encoder.end();
  });
}

/** Parquet by DuckDB: columns of text, or each with its own type. */
export async function parquetOf(
  { kinds, rows }: GeneratedFile,
  columns: 'text' | 'typed',
  options = '',
): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'carga-generated-'));
  const target = path.join(folder, 'rows.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const names = kinds.flatMap((_kind, index) => [`t${index} VARCHAR`, `j${index} VARCHAR`]);
    await connection.run(`CREATE TABLE given (${[...names, 'op VARCHAR'].join(', ')})`);
    const appender = await connection.createAppender('given');
    const append = (text: string | null) =>
      text === null ? appender.appendNull() : appender.appendValue(text, VARCHAR);
    for (const { op, cells } of rows) {
      for (const [index, { name }] of kinds.entries()) {
        const cell = cells.get(name) ?? null;
        append(columns === 'text' ? spelling(cell, index) : (cell?.text ?? null));
        append(cell?.json ?? null);
      }
      append(op);
      appender.endRow();
    }
    appender.closeSync();
    const selected = kinds.map(({ name, duckdb }, index) => {
      const expression = columns === 'text' ? '$' : duckdb;
      return `${expression.replaceAll('$', `t${index}`).replaceAll('#', `j${index}`)} AS "${name}"`;
    });
    await connection.run(
      `COPY (SELECT ${[...selected, 'op'].join(', ')} FROM given) TO '${target}' (FORMAT parquet${options})`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  const bytes = await readFile(target);
  await rm(folder, { recursive: true, force: true });
  return bytes;
}
