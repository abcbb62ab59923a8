import { convertedName } from '#components/jobs/file-name.ts';
import type { ApiClient } from '#lib/api-client/create-api-client.ts';
import { uploadFile } from '#lib/api-client/upload-file.ts';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import type { FileFormat } from '#lib/job/job-states.ts';

/** What a person may choose for a load. */
export interface ImportChoices {
  figura: string;
  onError: 'skip' | 'abort';
}

/** One file on its way. */
export interface FileToSend {
  file: File;
  format: FileFormat;
  csv: CsvOptions | null;
}

/** Where a file is on its way; `done` and `total` in bytes, of the file that is read or of the one that is sent. */
export type SendReport = (step: 'converting' | 'uploading' | 'enqueueing', done: number, total: number) => void;

/** Text that becomes Parquet in the browser: a tenth of the bytes to send, and the server need not parse text. */
const CONVERTED: readonly FileFormat[] = ['csv', 'json', 'ndjson'];

/** Chunks of this much go into a Blob at a time: the browser may then move them from memory to its disk. */
const FOLD_BYTES = 8 * 1024 * 1024;

/** Converts if need be, uploads and enqueues one file; gives the id of its job. @throws the signal's reason too. */
export async function sendFile(
  client: ApiClient,
  item: FileToSend,
  choices: ImportChoices,
  report: SendReport,
  signal: AbortSignal,
): Promise<string> {
  const { figura, onError } = choices;
  const isConverted = CONVERTED.includes(item.format);
  const source = isConverted ? await convertToBlob(item, report, signal) : item.file;
  const uploaded = await uploadFile(client, {
    figura,
    source,
    fileName: isConverted ? convertedName(item.file.name) : item.file.name,
    contentType: isConverted ? 'application/vnd.apache.parquet' : 'application/octet-stream',
    onProgress: (sentBytes, totalBytes) => report('uploading', sentBytes, totalBytes),
    signal,
  });
  report('enqueueing', source.size, source.size);
  const format = isConverted ? 'parquet' : item.format;
  const job = await client.enqueueJob(figura, { url: uploaded.url, format, onError }, { signal });
  return job.id;
}

/**
 * The whole Parquet before the first byte leaves: the contract signs the size of an upload, and nobody knows it before
 * the last row is encoded. A Blob, not a file of OPFS: it needs no clean-up after a crash, works in private windows,
 * and browsers keep large ones on disk just as well.
 */
async function convertToBlob(item: FileToSend, report: SendReport, signal: AbortSignal): Promise<Blob> {
  // The converter is large: loaded when the first file needs it.
  const { convertFile } = await import('./convert-file.ts');
  signal.throwIfAborted();
  report('converting', 0, item.file.size);
  const conversion = convertFile(item.file, {
    format: item.format as 'csv' | 'json' | 'ndjson',
    csv: item.csv ?? undefined,
    // Two phases, each over the whole file: half of the way each.
    onProgress: ({ phase, bytesRead }) =>
      report('converting', (bytesRead + (phase === 'convert' ? item.file.size : 0)) / 2, item.file.size),
  });
  const stop = () => conversion.cancel();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const folded: Blob[] = [];
    let pieces: Uint8Array<ArrayBuffer>[] = [];
    let gathered = 0;
    const reader = conversion.chunks.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      gathered += value.byteLength;
      if (gathered < FOLD_BYTES) continue;
      folded.push(new Blob(pieces));
      pieces = [];
      gathered = 0;
    }
    await conversion.done;
    return new Blob([...folded, ...pieces], { type: 'application/vnd.apache.parquet' });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
