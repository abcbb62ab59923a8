import type { FileSample } from '#lib/formats/convert-to-parquet.ts';
import type { CheckedFile } from './check-file.ts';
import type { CheckReport } from './check-rows.ts';
import { readKept } from './kept-files.ts';
import type { Report } from './progress-report.ts';
import type { CheckRequest } from './read-file.worker.ts';

/** A sample as the page shows it; `sheets` are the names of a spreadsheet's, empty for anything else. */
export type ChosenSample = FileSample & { sheets: string[] };

/** What is sent of a chosen file. */
export interface PreparedFile {
  source: Blob;
  /** Whether it lies in the origin's file system, where a reload leaves it. */
  isKept: boolean;
  /** null for files that go as they are. */
  rowCount: number | null;
  report: CheckReport | null;
}

/** Whether the browser turns it into Parquet: a tenth of the bytes to send, and the server need not parse text. */
export function isConverted(format: CheckedFile['format']): format is 'csv' | 'json' | 'ndjson' | 'xlsx' {
  return format !== 'parquet' && format !== 'avro';
}

export const PARQUET_TYPE = 'application/vnd.apache.parquet';

/**
 * Makes what is sent of a chosen file: text and spreadsheets as Parquet, whose bytes can be asked for on `bytesPort` as
 * they are written, the others as they are. @throws FormatFault, or the signal's reason
 */
export async function prepareFile(
  file: File,
  checked: CheckedFile,
  options: { keepAs: string; check: CheckRequest | null; bytesPort: MessagePort },
  on: { progress: Report; sample: (sample: ChosenSample) => void },
  signal: AbortSignal,
): Promise<PreparedFile> {
  if (!isConverted(checked.format)) return { source: file, isKept: false, rowCount: null, report: null };
  const request = readingOf(file, checked);
  const { readFileInWorker } = await import('./read-file.ts');
  const { blob, rowCount, report } = await readFileInWorker(
    { ...request, ...options },
    {
      onSample: (sample, sheets) => on.sample({ ...sample, sheets }),
      onProgress: progressOf(file, checked, on.progress),
    },
    signal,
  );
  const source = blob ?? (await readKept(options.keepAs));
  if (source === null) throw new Error('the converted file is gone');
  return { source, isKept: blob === null, rowCount, report };
}

/** Looks at every row again, as where columns go has changed. @throws FormatFault, or the signal's reason */
export async function checkRows(
  file: File,
  checked: CheckedFile,
  check: CheckRequest,
  progress: Report,
  signal: AbortSignal,
): Promise<CheckReport | null> {
  if (!isConverted(checked.format)) return null;
  const request = readingOf(file, checked);
  const { readFileInWorker } = await import('./read-file.ts');
  const onProgress = progressOf(file, checked, progress);
  return (await readFileInWorker({ ...request, check, keepAs: null, bytesPort: null }, { onProgress }, signal)).report;
}

function readingOf(file: File, { format, csv, isEncodingGuess, sheet }: CheckedFile) {
  // A beginning in ASCII says nothing of the rest: then the encoding is looked for in the whole file.
  const said = csv === null ? undefined : { ...csv, encoding: isEncodingGuess ? undefined : csv.encoding };
  return { file, format: format as 'csv' | 'json' | 'ndjson' | 'xlsx', csv: said, sheet };
}

/** JSON is read twice, half of the way each; a look at the encoding of a CSV hardly counts. */
function progressOf(file: File, { format }: CheckedFile, report: Report) {
  // How much text a spreadsheet unpacks to is not known beforehand.
  const totalBytes = format === 'xlsx' ? 0 : file.size;
  const isTwice = format === 'json' || format === 'ndjson';
  return ({ phase, bytesRead }: { phase: 'survey' | 'convert'; bytesRead: number }) => {
    if (isTwice) report((bytesRead + (phase === 'convert' ? totalBytes : 0)) / 2, totalBytes);
    else if (phase === 'convert') report(bytesRead, totalBytes);
  };
}
