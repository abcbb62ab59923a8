import {
  type ConvertOptions,
  type ConvertProgress,
  convertToParquet,
  type FileSample,
  readRows,
} from '#lib/formats/convert-to-parquet.ts';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import { FormatFault, type FormatFaultCode, type FormatFaultPlace } from '#lib/formats/format-fault.ts';
import type { ByteSink } from '#lib/formats/parquet-writer.ts';
import { type CheckReport, RowChecker } from './check-rows.ts';
import type { GzipMessage } from './gzip.worker.ts';
import { openKeptSink } from './kept-files.ts';
import { type ColumnChoices, type MatchFigura, matchColumns, targetMapOf } from './match-columns.ts';
import { handOutBytes } from './written-bytes.ts';

/** What rows are held against while they are read; where columns go is settled once the file's columns are known. */
export interface CheckRequest {
  figura: MatchFigura;
  mode: 'merge' | 'append';
  choices: ColumnChoices;
  remembered: ColumnChoices;
  /** Of the file; null while they are not known. */
  columns: readonly string[] | null;
}

/** What the page asks for, once. */
export interface ReadRequest {
  file: File;
  format: 'csv' | 'json' | 'ndjson' | 'xlsx';
  /** What is not given is detected. */
  csv?: Partial<CsvOptions>;
  /** Of a spreadsheet, from 0. */
  sheet: number;
  /** null while no figura is chosen. */
  check: CheckRequest | null;
  /** Name under which the Parquet is kept; null for reading alone. */
  keepAs: string | null;
  /** To the thread that compresses; null for reading alone. */
  gzipPort: MessagePort | null;
  /** Where what was written is asked for while the rest is; null for reading alone. */
  bytesPort: MessagePort | null;
}

/** What was read and written. */
export interface ReadResult {
  rowCount: number;
  report: CheckReport | null;
  /** The Parquet where it could not be kept in a file; null where it was, and for reading alone. */
  blob: Blob | null;
}

/** What the worker answers: progress, and at the end one `done` or `fault`. */
export type ReadReply =
  | ({ type: 'progress' } & ConvertProgress)
  | { type: 'sample'; sample: FileSample; sheets: string[] }
  | ({ type: 'done' } & ReadResult)
  | { type: 'fault'; code: FormatFaultCode; detail: string; place: FormatFaultPlace };

/** Ten a second look smooth; more would only make the page render. */
const PROGRESS_INTERVAL_MS = 100;

/** Chunks of this much go into a Blob at a time: the browser may then move them from memory to its disk. */
const FOLD_BYTES = 8 << 20;

class BlobSink implements ByteSink {
  #folded: Blob[] = [];
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #gathered = 0;

  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes as Uint8Array<ArrayBuffer>);
    this.#gathered += bytes.length;
    if (this.#gathered >= FOLD_BYTES) await this.close();
  }

  async close(): Promise<void> {
    this.#folded.push(new Blob(this.#pieces));
    this.#pieces = [];
    this.#gathered = 0;
  }

  get blob(): Blob {
    return new Blob(this.#folded);
  }
}

/** Has pages compressed by the thread at the other end. */
function gzipThrough(port: MessagePort): NonNullable<ConvertOptions['gzipElsewhere']> {
  const waiting = new Map<number, (bytes: Uint8Array) => void>();
  let count = 0;
  port.onmessage = ({ data: { number, bytes } }: MessageEvent<GzipMessage>) => {
    waiting.get(number)?.(bytes);
    waiting.delete(number);
  };
  return (bytes) =>
    new Promise((resolve) => {
      const number = count++;
      waiting.set(number, resolve);
      port.postMessage({ number, bytes } satisfies GzipMessage, [bytes.buffer]);
    });
}

function reply(message: ReadReply): void {
  self.postMessage(message);
}

self.onmessage = ({ data }: MessageEvent<ReadRequest>) => void answer(data);

async function answer(request: ReadRequest): Promise<void> {
  try {
    reply({ type: 'done', ...(await readAndKeep(request)) });
  } catch (cause) {
    const { code, detail, line, column, byteOffset, row } = faultOf(cause);
    const place = {
      line: line ?? undefined,
      column: column ?? undefined,
      byteOffset: byteOffset ?? undefined,
      row: row ?? undefined,
    };
    reply({ type: 'fault', code, detail, place });
  }
}

async function readAndKeep(request: ReadRequest): Promise<ReadResult> {
  const file = request.keepAs === null ? null : await openKeptSink(request.keepAs);
  const kept = file && request.bytesPort ? handOutBytes(request.bytesPort, file) : file;
  if (kept === null) {
    const sink = request.keepAs === null ? null : new BlobSink();
    return { ...(await read(request, sink)), blob: sink?.blob ?? null };
  }
  try {
    return { ...(await read(request, kept)), blob: null };
  } catch (cause) {
    await kept.close();
    const isFull = cause instanceof DOMException && cause.name === 'QuotaExceededError';
    if (!isFull) throw cause;
    // The file system of an origin is limited; a Blob may still find room.
    const sink = new BlobSink();
    return { ...(await read(request, sink)), blob: sink.blob };
  }
}

async function read(request: ReadRequest, sink: ByteSink | null): Promise<Omit<ReadResult, 'blob'>> {
  const { file, format, check, gzipPort } = request;
  const gzipElsewhere = gzipPort === null ? undefined : gzipThrough(gzipPort);
  let totalBytes = file.size;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let checker: RowChecker | null = null;
  let rowCount = 0;
  let sheets: string[] = [];
  let source: Pick<ConvertOptions, 'open' | 'format' | 'csv'>;
  if (format === 'xlsx') {
    // The reader of spreadsheets is large: loaded when the first one needs it.
    const { openSpreadsheet, SHEET_CSV } = await import('#lib/formats/spreadsheet/open-spreadsheet.ts');
    const book = await openSpreadsheet(file);
    sheets = book.sheets;
    totalBytes = Number.POSITIVE_INFINITY;
    source = { open: () => book.openSheet(request.sheet), format: 'csv', csv: SHEET_CSV };
  } else {
    source = { open: () => file.stream(), format, csv: request.csv };
  }
  const options: Omit<ConvertOptions, 'sink'> = {
    ...source,
    onProgress(progress) {
      const isEnd = progress.bytesRead === totalBytes;
      if (!isEnd && performance.now() - reportedAt < PROGRESS_INTERVAL_MS) return;
      reportedAt = performance.now();
      reply({ type: 'progress', ...progress });
    },
    onSample: (sample) => reply({ type: 'sample', sample, sheets }),
    onBatch(batch, csv) {
      rowCount += batch.rowCount;
      if (check === null) return;
      checker ??= new RowChecker({ ...check, targets: targetsFor(check.columns ?? batch.columns, check) }, csv);
      checker.take(batch);
    },
  };
  if (sink === null) await readRows(options);
  else await convertToParquet({ ...options, sink, gzipElsewhere });
  return { rowCount, report: (checker as RowChecker | null)?.report() ?? null };
}

function targetsFor(columns: readonly string[], { figura, choices, remembered }: CheckRequest) {
  return targetMapOf(matchColumns(columns, figura, choices, remembered));
}

function faultOf(cause: unknown): FormatFault {
  if (cause instanceof FormatFault) return cause;
  // A file that was changed, moved or unplugged since it was chosen.
  if (cause instanceof DOMException && (cause.name === 'NotReadableError' || cause.name === 'NotFoundError')) {
    return new FormatFault('source_changed', 'The file can no longer be read: it was changed or moved.');
  }
  return new FormatFault('conversion_failed', cause instanceof Error ? cause.message : String(cause));
}
