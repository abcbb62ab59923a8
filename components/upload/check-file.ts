import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import { detectFormat } from '#lib/formats/detect-format.ts';
import type { FileFormat } from '#lib/job/job-states.ts';

/** What a chosen file is. */
export interface CheckedFile {
  format: FileFormat | 'xlsx';
  /** How it is written, for CSV only. */
  csv: CsvOptions | null;
  /** Whether only the beginning of a CSV says that it is UTF-8. */
  isEncodingGuess: boolean;
  /** Which sheet of a spreadsheet, from 0. */
  sheet: number;
}

/** Why a file cannot be sent; `code` has a text under `errors` or `faults`. */
export class FileRefusal extends Error {
  override name = 'FileRefusal';
  readonly code: string;
  readonly details: Record<string, string | number>;

  constructor(code: string, details: Record<string, string | number> = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

const NO_CSV = { csv: null, isEncodingGuess: false, sheet: 0 } as const;

/** What detection looks at: rows enough to tell the delimiter, read in a millisecond. */
const HEAD_BYTES = 64 * 1024;

/**
 * Looks at the beginning of a file, before anything is sent.
 * @throws FileRefusal for what could never be loaded: empty, too large, not a format we read, not readable at all.
 */
export async function checkFile(file: File, maxBytes: number | null): Promise<CheckedFile> {
  if (file.size === 0) throw new FileRefusal('empty_file');
  if (maxBytes !== null && file.size > maxBytes) {
    throw new FileRefusal('file_too_large', { sizeBytes: file.size, maxBytes });
  }
  if (/\.(xls|xlsb|ods)$/i.test(file.name)) throw new FileRefusal('spreadsheet');
  let head: Uint8Array;
  try {
    head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    // Folders, and files that were moved or locked since they were chosen, fail only when they are read.
    throw new FileRefusal('file_unreadable');
  }
  if (/\.(xlsx|xlsm)$/i.test(file.name)) {
    // Every XLSX is a ZIP archive; one with a password is not, and cannot be read.
    if (String.fromCharCode(...head.subarray(0, 4)) !== 'PK\x03\x04') throw new FileRefusal('not_a_spreadsheet');
    return { format: 'xlsx', ...NO_CSV };
  }
  const found = detectFormat(head, file.name);
  if ('error' in found) throw new FileRefusal(found.error);
  if (found.format !== 'csv') return { format: found.format, ...NO_CSV };
  // papaparse comes along with it: loaded only where there is a CSV.
  const { detectCsv } = await import('#lib/formats/detect-csv.ts');
  const csv = detectCsv(head);
  return { format: 'csv', csv, isEncodingGuess: csv.encoding === 'utf-8', sheet: 0 };
}
