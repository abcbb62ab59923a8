import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CsvOptions } from '#lib/formats/csv-scanner.ts';
import type { FileFormat } from '#lib/formats/detect-format.ts';
import { restoreFile } from '#lib/formats/reader/reader.ts';
import { formatBytes, formatNumber } from '#lib/i18n/format.ts';
import { UsageFault } from '../command-fault.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { FILE_OPTIONS, readFileOptions } from '../file-options.ts';
import { convertFile, formatOfFile, isTextFormat } from '../local-file.ts';
import { COMMON_OPTIONS } from '../parse-arguments.ts';
import { printable } from '../printable.ts';
import { ProgressLine } from '../progress-line.ts';
import type { Command, Session } from '../session.ts';
import { withTempFolder } from '../temp-folder.ts';

const FORMAT_OF_EXTENSION: Readonly<Record<string, FileFormat>> = {
  '.parquet': 'parquet',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.avro': 'avro',
};

/** The reader is a process of its own, started from the folder of package.json. */
const PROJECT_ROOT = path.resolve(import.meta.dirname, '../..');

/** Turns a file into another format, without the service. */
export const convert: Command = {
  spec: {
    positionals: ['IN', 'OUT'],
    options: { ...FILE_OPTIONS, json: COMMON_OPTIONS.json, help: COMMON_OPTIONS.help },
  },
  run: async (session) => {
    const { args, messages, locale } = session;
    const [input = '', output = ''] = args.positionals;
    const options = readFileOptions(args, messages);
    const to = FORMAT_OF_EXTENSION[path.extname(output).toLowerCase()];
    if (to === undefined) throw new UsageFault(messages.unknownExtension(printable(output)));
    if (await isSameFile(input, output)) throw new UsageFault(messages.sameFile);
    const from = await formatOfFile(input, path.basename(input), options.format, messages);
    // Beside the target, so that renaming it there is one step and what was there before stays whole until then.
    const unfinished = `${output}.${process.pid}.part`;
    try {
      const rowCount = await convertTo(session, { path: input, format: from, csv: options.csv }, to, unfinished);
      await rename(unfinished, output);
      const { size } = await stat(output);
      session.printJson({ input, output, from, to, rowCount, bytes: size });
      const rows = rowCount === null ? null : formatNumber(locale, rowCount);
      session.print(messages.convertedTo(printable(output), rows, formatBytes(locale, size)));
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    return EXIT_CODES.complete;
  },
};

interface Source {
  path: string;
  format: FileFormat;
  csv: Partial<CsvOptions>;
}

/** Text becomes Parquet by the browser's code, everything else what it shall be by the reader; text goes through both. */
async function convertTo(session: Session, source: Source, to: FileFormat, target: string): Promise<number | null> {
  const { format } = source;
  if (!isTextFormat(format)) return restore(session, source, to, target);
  if (to === 'parquet') return toParquet(session, { ...source, format }, target);
  return withTempFolder(async (folder) => {
    const between = path.join(folder, 'between.parquet');
    await toParquet(session, { ...source, format }, between);
    return restore(session, { path: between, format: 'parquet', csv: {} }, to, target);
  });
}

async function toParquet(
  { messages, locale, stderr, interruption }: Session,
  source: Source & { format: 'csv' | 'json' | 'ndjson' },
  target: string,
): Promise<number> {
  const line = new ProgressLine(stderr);
  const { size } = await stat(source.path);
  const { rowCount } = await convertFile(source, target, {
    signal: interruption,
    onProgress({ phase, bytesRead, rowCount: rows }) {
      const fraction = (bytesRead / Math.max(1, size) + (phase === 'convert' ? 1 : 0)) / 2;
      line.update({ label: messages.converting, fraction, details: [messages.rows(formatNumber(locale, rows))] });
    },
  }).finally(() => line.clear());
  return rowCount;
}

async function restore(
  { interruption }: Session,
  source: Source,
  to: FileFormat,
  target: string,
): Promise<number | null> {
  return withTempFolder(async (tempDirectory) => {
    const options = { signal: interruption, tempDirectory, projectRoot: PROJECT_ROOT };
    const { rowCount } = await restoreFile({ path: source.path, format: source.format }, to, target, options);
    return rowCount;
  });
}

async function isSameFile(input: string, output: string): Promise<boolean> {
  const [from, to] = await Promise.all([stat(input), stat(output).catch(() => null)]);
  return to !== null && from.dev === to.dev && from.ino === to.ino;
}
