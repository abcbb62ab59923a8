import { open } from 'node:fs/promises';
import { type ConvertProgress, type ConvertSummary, convertToParquet } from '#lib/formats/convert-to-parquet.ts';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import { detectFormat, type FileFormat } from '#lib/formats/detect-format.ts';
import type { ByteSink } from '#lib/formats/parquet-writer.ts';
import { CommandFault } from './command-fault.ts';
import type { Messages } from './messages/message-types.ts';
import { printable } from './printable.ts';

/** What format detection is shown. */
const HEAD_BYTES = 64 << 10;

/** Larger pieces are fewer turns of the event loop; beyond this nothing is gained. */
const READ_BYTES = 1 << 20;

/** Formats that are turned into Parquet before they are sent. */
export type TextFormat = 'csv' | 'json' | 'ndjson';

/** Whether a file of this format is text that must be converted. */
export function isTextFormat(format: FileFormat): format is TextFormat {
  return format === 'csv' || format === 'json' || format === 'ndjson';
}

/** What a file is by its bytes and its name, or as declared. @throws CommandFault */
export async function formatOfFile(
  path: string,
  name: string,
  declared: FileFormat | undefined,
  messages: Messages,
): Promise<FileFormat> {
  const file = await open(path, 'r');
  let head: Uint8Array;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    head = buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
  const found = detectFormat(head, declared === undefined ? name : `x.${declared}`);
  if ('error' in found) throw new CommandFault(found.error, messages.unknownFormat(printable(name), found.detail));
  return declared ?? found.format;
}

/** Turns a text file into Parquet, by the same code as the browser. */
export async function convertFile(
  source: { path: string; format: TextFormat; csv: Partial<CsvOptions> },
  outputPath: string,
  options: { signal?: AbortSignal; onProgress?: (progress: ConvertProgress) => void },
): Promise<ConvertSummary> {
  const sink = await openFileSink(outputPath);
  try {
    return await convertToParquet({
      open: () => readPieces(source.path),
      format: source.format,
      csv: source.csv,
      sink,
      ...options,
    });
  } finally {
    await sink.close();
  }
}

async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, 'r');
  try {
    for (;;) {
      // A new buffer each time: the scanner may still hold the last one.
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function openFileSink(path: string): Promise<ByteSink> {
  const file = await open(path, 'w');
  let isOpen = true;
  return {
    async write(bytes) {
      // A full disk may take a part of the bytes and say so only at the next call.
      for (let from = 0; from < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, from);
        from += bytesWritten;
      }
    },
    async close() {
      if (isOpen) await file.close();
      isOpen = false;
    },
  };
}
