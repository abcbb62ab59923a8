import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { FormatFault } from '../format-fault.ts';
import { createCopyPipe } from './copy-pipe.ts';
import type {
  ArrivingRows,
  CopyColumn,
  CopyCount,
  CopySummary,
  FileDescription,
  FileFormat,
  FileHead,
  FilePart,
  ReaderRequest,
  SourceFile,
} from './protocol.ts';
import { memoryLimit, type ReaderOptions, startReader } from './reader-process.ts';
import { intermediatePath } from './restore-paths.ts';

export type {
  CopyColumn,
  CopySummary,
  CsvOptions,
  FileChunk,
  FileDescription,
  FileFormat,
  FileHead,
  FilePart,
  PickedRow,
  SourceFile,
} from './protocol.ts';
export { COPY_NULL } from './protocol.ts';
export { type ReaderOptions, startReaderAhead } from './reader-process.ts';

// Between the reader and COPY: it lets one work while the other waits for its disk. 1, 8 and 32 MB took the same time
// where nothing waited; 32 MB cost the worker 50 MB of memory more than 8.
const READ_AHEAD_BYTES = 4 << 20;

/** More than any load we know of; a bomb would fill the database's disk instead. */
const DEFAULT_MAX_OUTPUT_BYTES = 64 * 2 ** 30;

// Far below the CPU seconds a reader may be silent.
const PROGRESS_INTERVAL_MS = 10_000;

/** A file that is read before all of it is here. */
export interface ArrivingCopy extends ArrivingRows {
  /** Resolves once all of it is, and is the right one; the rows do not end before. */
  whole: Promise<void>;
}

/** What was read of a file before all of it was here does not hold: it has to be read again once it is. */
export class ReadTooSoonError extends Error {}

/** Rows on their way to COPY. */
export interface CopyRows {
  /** Ends only when the whole file was read without a fault; otherwise it fails, and so does the COPY. */
  stream: Readable;
  /** Settles when the reader is gone. Rejects as the stream fails; nobody has to listen. */
  done: Promise<CopySummary>;
  /** Ends the reader at once. */
  kill(): void;
}

function baseRequest(file: SourceFile, options: ReaderOptions): Pick<ReaderRequest, 'file' | 'limits'> {
  return {
    file: { ...file, path: path.resolve(file.path) },
    limits: {
      memoryLimitBytes: memoryLimit(options),
      maxRows: options.maxRows ?? null,
      maxOutputBytes: options.maxOutputBytes ?? null,
    },
  };
}

/**
 * Reads what a file holds, without its rows where the format allows. With `chunkRows` a file of at least twice as many
 * rows is divided into chunks of about so many. With `arrivingBytes` a text file is read while it is being written, front
 * to back: it has to be there, and will have so many bytes. Throws {@link FormatFault}.
 */
export async function describeFile(
  file: SourceFile,
  options: ReaderOptions & { chunkRows?: number; arrivingBytes?: number },
): Promise<FileDescription> {
  const { chunkRows = null, arrivingBytes } = options;
  const reader = startReader({ ...baseRequest(file, options), kind: 'describe', chunkRows, arrivingBytes }, options);
  return (await reader.result) as FileDescription;
}

/**
 * Says what a file's first bytes tell of all of it, as soon as they are here; null where they do not tell enough. The
 * file has to be there, and will have `arrivingBytes`. Throws {@link FormatFault}.
 */
export async function describeHead(
  file: SourceFile,
  arrivingBytes: number,
  options: ReaderOptions,
): Promise<FileHead | null> {
  const reader = startReader({ ...baseRequest(file, options), kind: 'head', arrivingBytes }, options);
  return (await reader.result) as FileHead | null;
}

/**
 * Starts reading the rows as COPY text, UTF-8: the row's number in the file, counted from 1, then the cells in the
 * order of `columns`, separated by TAB, each row ended by LF; NULL is {@link COPY_NULL}. With `part` only those rows. A
 * file that is `arriving` is read as far as it has come; it may fail with {@link ReadTooSoonError}.
 */
export function openCopyRows(
  file: SourceFile,
  columns: CopyColumn[],
  options: ReaderOptions,
  part: FilePart | null = null,
  arriving: ArrivingCopy | null = null,
): CopyRows {
  const pipe = createCopyPipe(options.tempDirectory);
  const maxOutputBytes = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
  const expected = arriving ? { bytes: arriving.bytes, columnCount: arriving.columnCount } : undefined;
  const base = baseRequest(file, options);
  const request = { ...base, kind: 'copy', columns, pipePath: pipe.path, part, arriving: expected } as const;
  const reader = startReader(request, options);
  const done = reader.result.then(async (result) => {
    await arriving?.whole;
    if (result === null) throw new ReadTooSoonError('The file is not what its first bytes said.');
    return result as CopySummary & CopyCount;
  });
  let outputBytes = 0;
  const stream = new Transform({
    readableHighWaterMark: READ_AHEAD_BYTES,
    transform(chunk: Buffer, _encoding, callback) {
      // The child has opened the pipe: its name is not needed any more, whoever dies from here on.
      if (outputBytes === 0) pipe.unlink();
      outputBytes += chunk.length;
      reader.noteProgress();
      if (outputBytes > maxOutputBytes) {
        const detail = `The rows of the file take more than ${maxOutputBytes} bytes.`;
        callback(new FormatFault('output_too_large', detail));
      } else callback(null, chunk);
    },
    // An end without the reader's word that it is one would commit half a file.
    flush: (callback) => void done.then(() => callback(), callback),
  });
  pipe.stream.on('error', (error) => stream.destroy(error));
  pipe.stream.pipe(stream);
  reader.closed.then(() => {
    pipe.closeWriteEnd();
    pipe.unlink();
  });
  for (const promise of [done, arriving?.whole]) promise?.catch((error) => stream.destroy(error));
  stream.once('close', () => {
    // Whoever read the rows has stopped: so does the reader. One that has finished does not mind.
    reader.stop(stream.errored ?? new Error('The rows are no longer read.'));
    pipe.stream.destroy();
  });
  // Its listeners decide what a failure means; without any, it must not end the process.
  stream.on('error', () => {});
  return { stream, done, kill: () => stream.destroy(new Error('The reader was stopped.')) };
}

/** Rows that are being read again. */
export interface RowsReadAgain {
  /** Where they are, once `done` has resolved. */
  path: string;
  /** Rejects as the reader fails; nobody has to listen. */
  done: Promise<void>;
  /** Ends the reader at once. */
  kill(): void;
}

/**
 * Starts reading the rows that `wantedPath` names (see wanted-rows.ts) again, into `outputPath`, as COPY text in the
 * order of the file: the row's number, the row as JSON, then of rows to be judged a JSON list of the cells as COPY would
 * have had them and one of what is wrong with them ({@link CellFault}), else {@link COPY_NULL}. Row numbers that the file
 * does not have are passed over.
 */
export function readRowsAgain(
  file: SourceFile,
  columns: CopyColumn[],
  wantedPath: string,
  outputPath: string,
  options: ReaderOptions,
): RowsReadAgain {
  const output = path.resolve(outputPath);
  const paths = { wantedPath: path.resolve(wantedPath), outputPath: output };
  const request = { ...baseRequest(file, options), kind: 'pick', columns, ...paths } as const;
  const reader = startReader(request, options);
  // The whole file was read before without going astray, and a long way may lie between two wanted rows.
  const watch = setInterval(() => reader.noteProgress(), PROGRESS_INTERVAL_MS);
  const done = reader.result.then(() => {}).finally(() => clearInterval(watch));
  done.catch(() => {});
  return { path: output, done, kill: () => reader.stop(new Error('The rows are no longer wanted.')) };
}

/**
 * Writes a file's rows in another format: Parquet that was made from JSON or CSV becomes what it was, sub-levels
 * included; a file that has the format already is copied, its rows uncounted. Memory stays bounded. The output is
 * complete when the promise resolves, and removed when it rejects.
 */
export async function restoreFile(
  file: SourceFile,
  to: FileFormat,
  outputPath: string,
  options: ReaderOptions,
): Promise<{ rowCount: number | null }> {
  const output = path.resolve(outputPath);
  const reader = startReader({ ...baseRequest(file, options), kind: 'restore', to, outputPath: output }, options);
  try {
    return (await reader.result) as { rowCount: number | null };
  } catch (error) {
    await reader.closed;
    await Promise.all([output, intermediatePath(output)].map((leftover) => rm(leftover, { force: true })));
    throw error;
  }
}
