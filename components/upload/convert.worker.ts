import {
  type ConvertOptions,
  type ConvertProgress,
  type ConvertSummary,
  convertToParquet,
  type FileSample,
} from '#lib/formats/convert-to-parquet.ts';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import { FormatFault, type FormatFaultCode, type FormatFaultPlace } from '#lib/formats/format-fault.ts';

/** What the page sends: one `start`, then a `credit` for each chunk it has room for. */
export type ConvertRequest =
  | {
      type: 'start';
      file: File;
      format: 'csv' | 'json' | 'ndjson' | 'xlsx';
      csv?: Partial<CsvOptions>;
      /** Of a spreadsheet, from 0. */
      sheet: number;
    }
  | { type: 'credit' };

/** What the worker answers: progress and chunks, and at the end one `done` or `fault`. */
export type ConvertReply =
  | ({ type: 'progress' } & ConvertProgress)
  | { type: 'sample'; sample: FileSample; sheets: string[] }
  | { type: 'chunk'; bytes: ArrayBuffer }
  | { type: 'done'; summary: ConvertSummary }
  | { type: 'fault'; code: FormatFaultCode; detail: string; place: FormatFaultPlace };

/** Ten a second look smooth; more would only make the page render. */
const PROGRESS_INTERVAL_MS = 100;

/** The page takes a chunk only when it has room for it: this is how a slow upload slows the conversion down. */
class CreditSink {
  #credits = 0;
  #wake: (() => void) | null = null;

  grant(): void {
    this.#credits++;
    this.#wake?.();
  }

  async write(bytes: Uint8Array): Promise<void> {
    while (this.#credits === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#credits--;
    const isWhole = bytes.byteLength === bytes.buffer.byteLength;
    const buffer = (isWhole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
    reply({ type: 'chunk', bytes: buffer }, [buffer]);
  }

  async close(): Promise<void> {}
}

const sink = new CreditSink();

function reply(message: ConvertReply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

self.onmessage = ({ data }: MessageEvent<ConvertRequest>) => {
  if (data.type === 'credit') sink.grant();
  else void convert(data);
};

async function convert({ file, format, csv, sheet }: ConvertRequest & { type: 'start' }): Promise<void> {
  let totalBytes = file.size;
  let reportedAt = Number.NEGATIVE_INFINITY;
  const onProgress = (progress: ConvertProgress) => {
    const isEnd = progress.bytesRead === totalBytes;
    if (!isEnd && performance.now() - reportedAt < PROGRESS_INTERVAL_MS) return;
    reportedAt = performance.now();
    reply({ type: 'progress', ...progress });
  };
  try {
    let sheets: string[] = [];
    const onSample = (sample: FileSample) => reply({ type: 'sample', sample, sheets });
    let source: Pick<ConvertOptions, 'open' | 'format' | 'csv'>;
    if (format === 'xlsx') {
      // The reader of spreadsheets is large: loaded when the first one needs it.
      const { openSpreadsheet, SHEET_CSV } = await import('#lib/formats/spreadsheet.ts');
      const book = await openSpreadsheet(new Uint8Array(await file.arrayBuffer()));
      sheets = book.sheets;
      totalBytes = Number.POSITIVE_INFINITY;
      source = { open: () => book.openSheet(sheet), format: 'csv', csv: SHEET_CSV };
    } else {
      source = { open: () => file.stream(), format, csv };
    }
    const summary = await convertToParquet({ ...source, sink, onProgress, onSample });
    reply({ type: 'done', summary });
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

function faultOf(cause: unknown): FormatFault {
  if (cause instanceof FormatFault) return cause;
  // A file that was changed, moved or unplugged since it was chosen.
  if (cause instanceof DOMException && (cause.name === 'NotReadableError' || cause.name === 'NotFoundError')) {
    return new FormatFault('source_changed', 'The file can no longer be read: it was changed or moved.');
  }
  return new FormatFault('conversion_failed', cause instanceof Error ? cause.message : String(cause));
}
