import type { ConvertProgress, ConvertSummary, FileSample } from '#lib/formats/convert-to-parquet.ts';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import { FormatFault } from '#lib/formats/format-fault.ts';
import type { ConvertReply, ConvertRequest } from './convert.worker.ts';

/** What may wait to be uploaded before the conversion pauses; a part of an upload is larger and is put together later. */
const MAX_WAITING_BYTES = 4 << 20;

export interface ConvertFileOptions {
  format: 'csv' | 'json' | 'ndjson' | 'xlsx';
  /** What is not given is detected. */
  csv?: Partial<CsvOptions>;
  /** Of a spreadsheet, from 0. */
  sheet?: number;
  /** Called once, when the file was read through for the first time; `sheets` are the names of a spreadsheet's. */
  onSample?: (sample: FileSample, sheets: string[]) => void;
  /** At most ten times a second, for two phases that each read the whole file. */
  onProgress?: (progress: ConvertProgress) => void;
}

export interface FileConversion {
  /** The Parquet file; nothing is converted ahead of its reader but a few megabytes. Fails as `done` does. */
  chunks: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Settles once the last chunk was made; rejects with a {@link FormatFault} or, when cancelled, an AbortError. */
  done: Promise<ConvertSummary>;
  /** Stops at once; cancelling `chunks` does the same. */
  cancel(): void;
}

/** Converts a chosen file to Parquet in a worker thread of its own, so that the page stays responsive. */
export function convertFile(file: File, options: ConvertFileOptions): FileConversion {
  const worker = new Worker(new URL('./convert.worker.ts', import.meta.url), { type: 'module' });
  const send = (message: ConvertRequest) => worker.postMessage(message);
  const { promise: done, resolve, reject } = Promise.withResolvers<ConvertSummary>();
  // Who only reads the chunks learns of a fault there.
  done.catch(() => undefined);
  let ended = false;
  let controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  let wakePull = () => {};

  const end = () => {
    ended = true;
    worker.terminate();
    wakePull();
  };
  const fail = (fault: unknown, isStreamCancelled = false) => {
    if (ended) return;
    end();
    if (!isStreamCancelled) controller.error(fault);
    reject(fault);
  };
  const cancel = (isStreamCancelled: boolean) =>
    fail(new DOMException('The conversion was cancelled.', 'AbortError'), isStreamCancelled);

  const chunks = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(streamController) {
        controller = streamController;
      },
      // One credit per chunk: the stream pulls again when that chunk is here and there is room for more.
      pull() {
        const arrived = Promise.withResolvers<void>();
        wakePull = arrived.resolve;
        send({ type: 'credit' });
        return arrived.promise;
      },
      cancel: () => cancel(true),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
  );

  worker.onmessage = ({ data }: MessageEvent<ConvertReply>) => {
    if (ended) return;
    if (data.type === 'progress') {
      options.onProgress?.({ phase: data.phase, bytesRead: data.bytesRead, rowCount: data.rowCount });
    } else if (data.type === 'sample') {
      options.onSample?.(data.sample, data.sheets);
    } else if (data.type === 'chunk') {
      controller.enqueue(new Uint8Array(data.bytes));
      wakePull();
    } else if (data.type === 'done') {
      end();
      controller.close();
      resolve(data.summary);
    } else {
      fail(new FormatFault(data.code, data.detail, data.place));
    }
  };
  // The script did not load, or the thread ran out of memory.
  worker.onerror = (event) => fail(new FormatFault('conversion_failed', event.message || 'The worker failed.'));
  send({ type: 'start', file, format: options.format, csv: options.csv, sheet: options.sheet ?? 0 });
  return { chunks, done, cancel: () => cancel(false) };
}
