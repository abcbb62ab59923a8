import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type CsvOptions, CsvScanner, type ScanStart, scanCsv } from '../csv-scanner.ts';
import { detectCsv } from '../detect-csv.ts';
import { FormatFault } from '../format-fault.ts';
import { scanJson } from '../json-scanner.ts';
import type { CsvRowBatch, RowBatch } from '../row-batch.ts';
import { StrictDecoder } from '../text-decoding.ts';
import type { FilePart, SourceFile } from './protocol.ts';

/** What {@link detectCsv} is shown. */
const HEAD_BYTES = 64 << 10;

const READ_BYTES = 1 << 20;

/** Batches of rows of a CSV, NDJSON or JSON file. */
export interface TextRows {
  batches: AsyncGenerator<RowBatch | CsvRowBatch>;
  /** Null for JSON. */
  csv: CsvOptions | null;
}

/** The bytes of a file, or of its part, front to back. */
export function bytesOf(path: string, part: FilePart | null = null): AsyncIterable<Uint8Array> {
  const range = part === null ? {} : { start: part.from ?? 0, end: (part.to ?? Number.POSITIVE_INFINITY) - 1 };
  return createReadStream(path, { highWaterMark: READ_BYTES, ...range });
}

/** Opens a text file, or a part of it. The CSV options are detected as far as they are not given. */
export async function openTextRows(file: SourceFile, part: FilePart | null = null): Promise<TextRows> {
  const resume = part === null ? undefined : startOf(part);
  if (file.format !== 'csv') {
    return { batches: scanJson(bytesOf(file.path, part), { lines: file.format === 'ndjson', resume }), csv: null };
  }
  const csv = await csvOptionsOf(file);
  return { batches: scanCsv(bytesOf(file.path, part), { ...csv, resume }), csv };
}

function startOf({ from, firstRow, fileColumns }: FilePart): ScanStart {
  return { byteOffset: from ?? 0, rowsBefore: firstRow - 1, columns: fileColumns };
}

/** How a CSV file is written. */
export async function csvOptionsOf(file: SourceFile): Promise<CsvOptions> {
  const given = Object.fromEntries(Object.entries(file.csv ?? {}).filter(([, value]) => value !== undefined));
  const csv: CsvOptions = { ...detectCsv(await readHead(file.path)), ...given };
  // One-byte text whose first kilobytes are ASCII looks like UTF-8 until its first accent, maybe in the last row.
  const isGuess = !('encoding' in given) && csv.encoding === 'utf-8';
  return isGuess && !(await isUtf8Throughout(file.path)) ? { ...csv, encoding: 'windows-1252' } : csv;
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    if (bytesRead === 0) throw new FormatFault('empty_file', 'The file has no bytes.');
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function isUtf8Throughout(path: string): Promise<boolean> {
  const decoder = new StrictDecoder('utf-8');
  try {
    for await (const chunk of bytesOf(path)) for (const _text of decoder.decode(chunk));
    decoder.end();
    return true;
  } catch (error) {
    if (error instanceof FormatFault && error.code === 'invalid_encoding') return false;
    throw error;
  }
}

/** Names of the columns of a CSV file, from its first rows. */
export async function csvColumns(path: string, csv: CsvOptions): Promise<string[]> {
  const scanner = new CsvScanner(csv);
  for await (const chunk of bytesOf(path)) {
    for (const _batch of scanner.feed(chunk)) break;
    if (scanner.columns.length > 0) return scanner.columns;
  }
  for (const _batch of scanner.finish());
  return scanner.columns;
}
