import { type CsvOptions, CsvScanner } from './csv-scanner.ts';
import { detectCsv } from './detect-csv.ts';
import { encodeCsvRows, encodeJsonRows, planCsvNote, planJsonNote } from './encode-rows.ts';
import { FormatFault } from './format-fault.ts';
import { JsonScanner } from './json-scanner.ts';
import { type ByteSink, ParquetTextWriter, type ParquetWriterOptions } from './parquet-writer.ts';
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
  /** Within the phase; each reads the whole file. A CSV whose encoding is known has no `survey`. */
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
  /** Called once, as soon as every column is known. */
  onSample?: (sample: FileSample) => void;
  /** Called for each batch before it is written; `csv` is how the file turned out to be written. */
  onBatch?: (batch: RowBatch | CsvRowBatch, csv: CsvOptions | null) => void;
  signal?: AbortSignal;
  /** Default GZIP. */
  compression?: 'GZIP' | 'SNAPPY';
  /** See the writer's. */
  gzipElsewhere?: ParquetWriterOptions['gzipElsewhere'];
}

/** What reading alone needs. */
export type ReadOptions = Omit<ConvertOptions, 'sink' | 'onSample' | 'compression' | 'gzipElsewhere'>;

/** What people are shown of a file before it is loaded. */
export interface FileSample {
  /** null for CSV, whose rows are counted while it is converted. */
  rowCount: number | null;
  columns: { name: string; encoding: ColumnEncoding }[];
  /** The first rows, 100 at most, cell by cell as they stand in the source; null for an empty or absent one. */
  rows: (string | null)[][];
  /** How a CSV file is read; null for anything else. */
  csv: CsvOptions | null;
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
 * Turns a CSV, JSON or NDJSON file into Parquet in bounded memory. JSON is read twice: the first time to learn the
 * columns and the kinds of their cells, and whether the file can be read at all, before a byte is written. CSV is
 * parsed once, after a look through its bytes where its encoding was guessed. Throws {@link FormatFault}, the reason of
 * `signal`, or what `open` or `sink` throw.
 */
export async function convertToParquet(options: ConvertOptions): Promise<ConvertSummary> {
  return options.format === 'csv' ? convertCsv(options) : convertJson(options);
}

async function convertJson(options: ConvertOptions): Promise<ConvertSummary> {
  const { note, rowCount } = await surveyJsonFile(options);
  const names = note.columns.map(({ name }) => name);
  const scanner = new JsonScanner({ lines: options.format === 'ndjson', columns: names });
  const writer = await openWriter(options, note);
  const columns = note.columns.map(({ name, encoding }) => ({ name, encoding }));
  const tell = sampleTeller(options, { columns, rowCount, csv: null });
  await readFile(options, 'convert', scanner, async (batch) => {
    if (batch.columns.length !== names.length) throw sourceChanged();
    tell(batch);
    options.onBatch?.(batch, null);
    await writer.write(encodeJsonRows(note, batch as RowBatch), batch.rowCount);
  });
  if (scanner.rowCount !== rowCount) throw sourceChanged();
  tell();
  await writer.close({ metadata: { [NOTE_KEY]: JSON.stringify(note) } });
  return { rowCount, columns, rowFaults: [], rowFaultCount: 0, note };
}

async function convertCsv(options: ConvertOptions): Promise<ConvertSummary> {
  const csv = await surveyCsvFile(options);
  const scanner = new CsvScanner(csv);
  const rowFaults: RowFault[] = [];
  let rowFaultCount = 0;
  let begun: { writer: ParquetTextWriter; note: SourceNote; tell: (batch?: CsvRowBatch) => void } | null = null;
  const begin = async () => {
    // Whether rows deviate is known at the end: until then there is a column for it.
    const note = planCsvNote(scanner.columns, csv, true);
    const writer = await openWriter(options, note);
    const columns = note.columns.map(({ name, encoding }) => ({ name, encoding }));
    begun = { writer, note, tell: sampleTeller(options, { columns, rowCount: null, csv }) };
    return begun;
  };
  await readFile(options, 'convert', scanner, async (found) => {
    const batch = found as CsvRowBatch;
    const { writer, note, tell } = begun ?? (await begin());
    tell(batch);
    options.onBatch?.(batch, csv);
    rowFaultCount += batch.rowFaults.length;
    rowFaults.push(...batch.rowFaults.slice(0, MAX_LISTED_FAULTS - rowFaults.length));
    await writer.write(encodeCsvRows(note, batch), batch.rowCount);
  });
  const { writer, tell } = begun ?? (await begin());
  tell();
  const note = planCsvNote(scanner.columns, csv, rowFaultCount > 0);
  await writer.close({
    metadata: { [NOTE_KEY]: JSON.stringify(note) },
    withoutLastColumn: rowFaultCount === 0 && note.columns.length > 0,
  });
  const columns = note.columns.map(({ name, encoding }) => ({ name, encoding }));
  return { rowCount: scanner.rowCount, columns, rowFaults, rowFaultCount, note };
}

function openWriter(
  { sink, compression, gzipElsewhere }: ConvertOptions,
  note: SourceNote,
): Promise<ParquetTextWriter> {
  return ParquetTextWriter.open(sink, { columns: parquetColumnsOf(note), compression, gzipElsewhere });
}

/** Reads the rows of a file as {@link convertToParquet} does, and writes nothing. */
export async function readRows(options: ReadOptions): Promise<void> {
  const csv = options.format === 'csv' ? await surveyCsvFile(options) : null;
  const scanner = csv === null ? new JsonScanner({ lines: options.format === 'ndjson' }) : new CsvScanner(csv);
  await readFile(options, 'convert', scanner, (batch) => options.onBatch?.(batch, csv));
}

/** Tells the sample once, at the first batch or at the end of a file without rows. */
function sampleTeller(
  options: ConvertOptions,
  sample: Omit<FileSample, 'rows'>,
): (batch?: RowBatch | CsvRowBatch) => void {
  let isTold = false;
  return (batch) => {
    if (!isTold) options.onSample?.({ ...sample, rows: firstRows(batch) });
    isTold = true;
  };
}

function firstRows(batch?: RowBatch | CsvRowBatch): (string | null)[][] {
  const count = Math.min(batch?.rowCount ?? 0, SAMPLE_ROWS);
  return Array.from({ length: count }, (_, row) => batch?.cells.map((column) => column[row] ?? null) ?? []);
}

function sourceChanged(): FormatFault {
  return new FormatFault('source_changed', 'The file changed while it was read.');
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

/** How the file is written: what was said, the rest by its beginning. */
async function surveyCsvFile(options: ReadOptions): Promise<CsvOptions> {
  const said = withoutUndefined(options.csv);
  // To open a spreadsheet for its beginning alone takes a second.
  if (isWhole(said)) return said;
  const csv: CsvOptions = { ...detectCsv(await readHead(options)), ...said };
  const isGuess = options.csv?.encoding === undefined && csv.encoding === 'utf-8';
  if (!isGuess) return csv;
  // Files of one-byte text whose first kilobytes happen to be ASCII look like UTF-8 at first.
  return (await isUtf8(options)) ? csv : { ...csv, encoding: 'windows-1252' };
}

/** Decoding alone is done at some 500 MB a second: cheap beside writing a file anew. */
async function isUtf8(options: ReadOptions): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytesRead = 0;
  try {
    for await (const chunk of chunksOf(options)) {
      options.signal?.throwIfAborted();
      decoder.decode(chunk, { stream: true });
      bytesRead += chunk.length;
      options.onProgress?.({ phase: 'survey', bytesRead, rowCount: 0 });
    }
    decoder.decode();
    return true;
  } catch (cause) {
    if (cause instanceof TypeError) return false;
    throw cause;
  }
}

function isWhole(csv: Partial<CsvOptions>): csv is CsvOptions {
  const names: (keyof CsvOptions)[] = ['delimiter', 'encoding', 'decimal', 'dateFormat', 'header', 'newline'];
  return names.every((name) => csv[name] !== undefined);
}

function withoutUndefined(csv: Partial<CsvOptions> = {}): Partial<CsvOptions> {
  return Object.fromEntries(Object.entries(csv).filter(([, value]) => value !== undefined));
}

/** Feeds the file to a scanner and its batches to `take`, pausing now and then for the event loop. */
async function readFile(
  options: ReadOptions,
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

async function readHead(options: ReadOptions): Promise<Uint8Array> {
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
async function* chunksOf(options: ReadOptions): AsyncGenerator<Uint8Array> {
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
