import type { FileSample } from '#lib/formats/convert-to-parquet.ts';
import type { CheckedFile } from './check-file.ts';
import type { Report } from './upload-queue.ts';

/** A sample as the page shows it; `sheets` are the names of a spreadsheet's, empty for anything else. */
export type ChosenSample = FileSample & { sheets: string[] };

/** Whether the browser turns it into Parquet: a tenth of the bytes to send, and the server need not parse text. */
export function isConverted(format: CheckedFile['format']): format is 'csv' | 'json' | 'ndjson' | 'xlsx' {
  return format !== 'parquet' && format !== 'avro';
}

export const PARQUET_TYPE = 'application/vnd.apache.parquet';

/** Chunks of this much go into a Blob at a time: the browser may then move them from memory to its disk. */
const FOLD_BYTES = 8 * 1024 * 1024;

/**
 * What is sent of a chosen file: text and spreadsheets as Parquet, the others as they are. The whole Parquet before the
 * first byte leaves: the contract signs the size of an upload, and nobody knows it before the last row is encoded. A
 * Blob, not a file of OPFS: it needs no clean-up after a crash, works in private windows, and browsers keep large ones
 * on disk just as well.
 * @throws FormatFault, or the signal's reason
 */
export async function prepareFile(
  file: File,
  checked: CheckedFile,
  on: { progress: Report; sample: (sample: ChosenSample) => void },
  signal: AbortSignal,
): Promise<Blob> {
  const { format, csv, sheet } = checked;
  if (!isConverted(format)) return file;
  // The converter is large: loaded when the first file needs it.
  const { convertFile } = await import('./convert-file.ts');
  signal.throwIfAborted();
  // How much text a spreadsheet unpacks to is not known beforehand.
  const totalBytes = format === 'xlsx' ? 0 : file.size;
  const conversion = convertFile(file, {
    format,
    csv: csv ?? undefined,
    sheet,
    // Two phases, each over the whole file: half of the way each.
    onProgress: ({ phase, bytesRead }) =>
      on.progress((bytesRead + (phase === 'convert' ? totalBytes : 0)) / 2, totalBytes),
    onSample: (sample, sheets) => on.sample({ ...sample, sheets }),
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
    return new Blob([...folded, ...pieces], { type: PARQUET_TYPE });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
