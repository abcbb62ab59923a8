import { type CsvOptions, CsvScanner } from './csv-scanner.ts';
import { detectCsv } from './detect-csv.ts';
import { encodeCsvRows, encodeJsonRows, planCsvNote, planJsonNote } from './encode-rows.ts';
import { FormatFault } from './format-fault.ts';
import { JsonScanner } from './json-scanner.ts';
import { type ByteSink, ParquetTextWriter } from './parquet-writer.ts';
import type { CsvRowBatch, RowBatch, RowFault } from './row-batch.ts';
import { type ColumnEncoding, NOTE_KEY, parquetColumnsOf, type SourceNote } from './source-note.ts';
import { type ColumnSurvey, countKinds } from './survey-json.ts';

/** A tab's worker must answer a cancel within a frame or two; pausing more often only costs timer delays (4 ms each). */
const MAX_BUSY_MS = 50;

/** What {@link detectCsv} is shown. */
const HEAD_BYTES = 64 << 10;

/** More row faults than this are counted, not listed: nobody reads them, and the Parquet file carries them all. */
const MAX_LISTED_FAULTS = 1000;

export interface ConvertProgress {
  phase: 'survey' | 'convert';
  /** Within the phase; each reads the whole file. */
  bytesRead: number;
  rowCount: number;
}

export interface ConvertOptions {
  /** Opens the source from its beginning; called two or three times, each time for the same bytes. */
  open: () => AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
  format: 'csv' | 'json' | 'ndjson';
  /** What is not given is detected. */
  csv?: Partial<CsvOptions>;
  sink: ByteSink;
  /** Called for each piece of the file read, which is often. */
  onProgress?: (progress: ConvertProgress) => void;
  /** Called once, as soon as the file was read through for the first time: every column is known then. */
  onSample?: (sample: FileSample) => void;
  signal?: AbortSignal;
  /** Default GZIP. */
  compression?: 'GZIP' | 'SNAPPY';
}

/** What people are shown of a file before it is loaded. */
export interface FileSample {
  rowCount: number;
  columns: { name: string; encoding: ColumnEncoding }[];
  /** The first rows, 100 at most, cell by cell as they stand in the source; null for an empty or absent one. */
  rows: (string | null)[][];
}

/** As many as a person looks through. */
const SAMPLE_ROWS = 100;

export interface ConvertSummary {
  rowCount: number;
  columns: { name: string; encoding: ColumnEncoding }[];
  /** The first 1000; each row with a fault is in the file, with its fault in the column of deviations. */
  rowFaults: RowFault[];
  rowFaultCount: number;
  note: SourceNote;
}

/**
 * Turns a CSV, JSON or NDJSON file into Parquet in bounded memory, reading it twice: the first time to learn the
 * columns and the kinds of their cells, and whether the file can be read at all, before a byte is written. Throws
 * {@link FormatFault}, the reason of `signal`, or what `open` or `sink` throw.
 */
export async function convertToParquet(options: ConvertOptions): Promise<ConvertSummary> {
  const { note, rowCount } = options.format === 'csv' ? await surveyCsvFile(options) : await surveyJsonFile(options);
  const scanner = note.csv
    ? new CsvScanner(note.csv)
    : new JsonScanner({ lines: options.format === 'ndjson', columns: note.columns.map(({ name }) => name) });
  const writer = await ParquetTextWriter.open(options.sink, {
    columns: parquetColumnsOf(note),
    metadata: { [NOTE_KEY]: JSON.stringify(note) },
    compression: options.compression,
  });
  const columns = note.columns.map(({ name, encoding }) => ({ name, encoding }));
  const rowFaults: RowFault[] = [];
  let rowFaultCount = 0;
  let isSampled = false;
  const takeSample = (batch?: RowBatch | CsvRowBatch) => {
    if (!isSampled) options.onSample?.({ rowCount, columns, rows: firstRows(batch) });
    isSampled = true;
  };
  await readFile(options, 'convert', scanner, async (batch) => {
    if (batch.columns.length !== note.columns.length) throw sourceChanged();
    takeSample(batch);
    if (isCsv(batch)) {
      rowFaultCount += batch.rowFaults.length;
      rowFaults.push(...batch.rowFaults.slice(0, MAX_LISTED_FAULTS - rowFaults.length));
      await writer.write(encodeCsvRows(note, batch), batch.rowCount);
    } else {
      await writer.write(encodeJsonRows(note, batch), batch.rowCount);
    }
  });
  if (scanner.rowCount !== rowCount) throw sourceChanged();
  takeSample();
  await writer.close();
  return { rowCount, columns, rowFaults, rowFaultCount, note };
}

function firstRows(batch?: RowBatch | CsvRowBatch): (string | null)[][] {
  const count = Math.min(batch?.rowCount ?? 0, SAMPLE_ROWS);
  return Array.from({ length: count }, (_, row) => batch?.cells.map((column) => column[row] ?? null) ?? []);
}

function sourceChanged(): FormatFault {
  return new FormatFault('source_changed', 'The file changed while it was read.');
}

function isCsv(batch: RowBatch | CsvRowBatch): batch is CsvRowBatch {
  return batch.kinds === null;
}

async function surveyJsonFile(options: ConvertOptions): Promise<{ note: SourceNote; rowCount: number }> {
  const format = options.format === 'ndjson' ? 'ndjson' : 'json';
  const scanner = new JsonScanner({ lines: format === 'ndjson', texts: false });
  const columns: ColumnSurvey[] = [];
  await readFile(options, 'survey', scanner, (batch) => countKinds(columns, batch));
  const { rowCount, hasLoneSurrogates } = scanner;
  const survey = { columns, rowCount, topLevel: scanner.topLevel ?? 'array', hasLoneSurrogates };
  return { note: planJsonNote(format, survey), rowCount };
}

async function surveyCsvFile(options: ConvertOptions): Promise<{ note: SourceNote; rowCount: number }> {
  let csv: CsvOptions = { ...detectCsv(await readHead(options)), ...withoutUndefined(options.csv) };
  try {
    return await surveyCsvWith(options, csv);
  } catch (cause) {
    // Files of one-byte text whose first kilobytes happen to be ASCII look like UTF-8 at first.
    const isGuess = options.csv?.encoding === undefined && csv.encoding === 'utf-8';
    if (!(isGuess && cause instanceof FormatFault && cause.code === 'invalid_encoding')) throw cause;
    csv = { ...csv, encoding: 'windows-1252' };
    return surveyCsvWith(options, csv);
  }
}

async function surveyCsvWith(
  options: ConvertOptions,
  csv: CsvOptions,
): Promise<{ note: SourceNote; rowCount: number }> {
  const scanner = new CsvScanner(csv);
  let hasFaults = false;
  await readFile(options, 'survey', scanner, (batch) => {
    if (isCsv(batch) && batch.rowFaults.length > 0) hasFaults = true;
  });
  return { note: planCsvNote(scanner.columns, csv, hasFaults), rowCount: scanner.rowCount };
}

function withoutUndefined(csv: Partial<CsvOptions> = {}): Partial<CsvOptions> {
  return Object.fromEntries(Object.entries(csv).filter(([, value]) => value !== undefined));
}

/** Feeds the file to a scanner and its batches to `take`, pausing now and then for the event loop. */
async function readFile(
  options: ConvertOptions,
  phase: ConvertProgress['phase'],
  scanner: JsonScanner | CsvScanner,
  take: (batch: RowBatch | CsvRowBatch) => Promise<void> | void,
): Promise<void> {
  let bytesRead = 0;
  let pausedAt = performance.now();
  const takeAll = async (batches: Iterable<RowBatch | CsvRowBatch>) => {
    for (const batch of batches) {
      await take(batch);
      if (performance.now() - pausedAt > MAX_BUSY_MS) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        pausedAt = performance.now();
      }
      options.signal?.throwIfAborted();
    }
  };
  for await (const chunk of chunksOf(options)) {
    options.signal?.throwIfAborted();
    await takeAll(scanner.feed(chunk));
    bytesRead += chunk.length;
    options.onProgress?.({ phase, bytesRead, rowCount: scanner.rowCount });
    if (performance.now() - pausedAt > MAX_BUSY_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      pausedAt = performance.now();
    }
  }
  await takeAll(scanner.finish());
}

async function readHead(options: ConvertOptions): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  for await (const chunk of chunksOf(options)) {
    const part = chunk.subarray(0, HEAD_BYTES - length);
    head.set(part, length);
    length += part.length;
    if (length === HEAD_BYTES) break;
  }
  return head.subarray(0, length);
}

/** Safari cannot iterate a ReadableStream, so it is read by hand; leaving the loop early cancels it. */
async function* chunksOf(options: ConvertOptions): AsyncGenerator<Uint8Array> {
  const source = options.open();
  if (!('getReader' in source)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}
