import { type CsvOptions, type ScanStart, scanCsv } from '../csv-scanner.ts';
import { scanJson } from '../json-scanner.ts';
import type { CsvRowBatch, RowBatch } from '../row-batch.ts';
import { bytesOf } from './file-blocks.ts';
import type { FilePart, SourceFile } from './protocol.ts';
import { csvOptionsOf } from './survey-csv.ts';

/** Batches of rows of a CSV, NDJSON or JSON file. */
export interface TextRows {
  batches: AsyncGenerator<RowBatch | CsvRowBatch>;
  /** Null for JSON. */
  csv: CsvOptions | null;
}

/** Opens a text file, or a part of it. The CSV options are detected as far as they are not given. */
export async function openTextRows(file: SourceFile, part: FilePart | null = null): Promise<TextRows> {
  const bytes = bytesOf({ path: file.path, from: part?.from, to: part?.to });
  const resume = part === null ? undefined : startOf(part);
  if (file.format !== 'csv') {
    return { batches: scanJson(bytes, { lines: file.format === 'ndjson', resume }), csv: null };
  }
  const csv = await csvOptionsOf(file);
  return { batches: scanCsv(bytes, { ...csv, resume }), csv };
}

function startOf({ from, firstRow, fileColumns }: FilePart): ScanStart {
  return { byteOffset: from ?? 0, rowsBefore: firstRow - 1, columns: fileColumns };
}
