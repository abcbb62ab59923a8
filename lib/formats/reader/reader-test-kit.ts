import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import { convertToParquet } from '../convert-to-parquet.ts';
import type { JudgedCells } from './protocol.ts';
import {
  type CopyColumn,
  type CopySummary,
  describeFile,
  type FilePart,
  openCopyRows,
  type PickedRow,
  type ReaderOptions,
  readRowsAgain,
  type SourceFile,
} from './reader.ts';

/** A folder that is removed when the test ends. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'carga-reader-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes Parquet with DuckDB: `select` is a query, `options` are those of COPY. */
export async function writeParquet(file: string, select: string, options = ''): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(
      `COPY (${select}) TO '${file.replaceAll("'", "''")}' (FORMAT parquet${options && `, ${options}`})`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Converts a CSV, JSON or NDJSON file as the browser does. */
export async function convertFile(from: string, format: 'csv' | 'json' | 'ndjson', to: string): Promise<void> {
  const output = createWriteStream(to);
  await convertToParquet({
    open: () => createReadStream(from),
    format,
    sink: {
      write: (bytes) => new Promise((resolve, reject) => output.write(bytes, (e) => (e ? reject(e) : resolve()))),
      close: () => new Promise((resolve) => output.end(resolve)),
    },
  });
}

/** All rows as COPY gets them. */
export async function readCopy(
  file: SourceFile,
  columns: CopyColumn[],
  options: ReaderOptions,
  part: FilePart | null = null,
): Promise<{ text: string; summary: CopySummary }> {
  const rows = openCopyRows(file, columns, options, part);
  const chunks: Buffer[] = [];
  for await (const chunk of rows.stream) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), summary: await rows.done };
}

/** Cells of the rows as PostgreSQL reads COPY's text format: the row number first, null for NULL. */
export function parseCopy(text: string): (string | null)[][] {
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\', x01: '\x01' };
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      line
        .split('\t')
        .map((cell) =>
          cell === '\x01' ? null : cell.replace(/\\(x01|.)/g, (_all, code: string) => escapes[code] ?? `?${code}?`),
        ),
    );
}

/** Writes which rows are wanted; `isJudged` says of which the cells are too. */
export async function writeWanted(file: string, rows: readonly number[], isJudged: (row: number) => boolean) {
  await writeFile(file, rows.map((row) => `${row}\t${isJudged(row) ? 't' : 'f'}\n`).join(''));
}

/** Rows as {@link readRowsAgain} gives them, all of them judged. */
export async function pickAll(
  file: SourceFile,
  columns: CopyColumn[],
  rows: number[],
  options: ReaderOptions,
): Promise<(Pick<PickedRow, 'row' | 'dataJson'> & JudgedCells)[]> {
  const wanted = path.join(options.tempDirectory, 'wanted.txt');
  await writeWanted(wanted, rows, () => true);
  const reading = readRowsAgain(file, columns, wanted, path.join(options.tempDirectory, 'again.txt'), options);
  await reading.done;
  return parseCopy(await readFile(reading.path, 'utf8')).map(([row, dataJson, cells, faults]) => ({
    row: Number(row),
    dataJson: String(dataJson),
    cells: JSON.parse(String(cells)),
    faults: JSON.parse(String(faults)),
  }));
}

/** All columns of a file as text. */
export async function textColumns(file: SourceFile, options: ReaderOptions): Promise<CopyColumn[]> {
  const { columns } = await describeFile(file, options);
  return columns.map(({ name }) => ({ source: name, target: 'text' }));
}
