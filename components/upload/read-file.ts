import type { ConvertProgress, FileSample } from '#lib/formats/convert-to-parquet.ts';
import { FormatFault } from '#lib/formats/format-fault.ts';
import type { ReadReply, ReadRequest, ReadResult } from './read-file.worker.ts';

/** What is told while a file is read. */
export interface ReadListeners {
  /** Called once, as soon as the columns are known; `sheets` are the names of a spreadsheet's. */
  onSample?: (sample: FileSample, sheets: string[]) => void;
  /** At most ten times a second, for one or two phases that each read the whole file. */
  onProgress?: (progress: ConvertProgress) => void;
}

/**
 * Reads a chosen file in worker threads, so that the page stays responsive: into Parquet, its rows checked on the way,
 * or for checking alone. One thread reads, a second one compresses what the first has written: about half of the work
 * each. @throws FormatFault, or the signal's reason
 */
export function readFileInWorker(
  { bytesPort, ...request }: Omit<ReadRequest, 'gzipPort'>,
  listeners: ReadListeners,
  signal: AbortSignal,
): Promise<ReadResult> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<ReadResult>();
  const worker = new Worker(new URL('./read-file.worker.ts', import.meta.url), { type: 'module' });
  const gzip =
    request.keepAs === null ? null : new Worker(new URL('./gzip.worker.ts', import.meta.url), { type: 'module' });
  const channel = new MessageChannel();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  worker.onmessage = ({ data }: MessageEvent<ReadReply>) => {
    if (data.type === 'progress') listeners.onProgress?.(data);
    else if (data.type === 'sample') listeners.onSample?.(data.sample, data.sheets);
    else if (data.type === 'done') resolve(data);
    else reject(new FormatFault(data.code, data.detail, data.place));
  };
  // The script did not load, or the thread ran out of memory.
  const fail = (event: ErrorEvent) =>
    reject(new FormatFault('conversion_failed', event.message || 'The worker failed.'));
  worker.onerror = fail;
  if (gzip === null) {
    worker.postMessage({ ...request, gzipPort: null, bytesPort: null } satisfies ReadRequest);
  } else {
    gzip.onerror = fail;
    gzip.postMessage(channel.port1, [channel.port1]);
    const ports = bytesPort === null ? [channel.port2] : [channel.port2, bytesPort];
    worker.postMessage({ ...request, gzipPort: channel.port2, bytesPort } satisfies ReadRequest, ports);
  }
  return promise.finally(() => {
    signal.removeEventListener('abort', stop);
    worker.terminate();
    gzip?.terminate();
  });
}
