import { createReadStream } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { convertToParquet } from '../convert-to-parquet.ts';
import { framingOf, restoreCsvHeader } from '../restore-rows.ts';
import { AvroWriter } from './avro-writer.ts';
import { OutputFile } from './output-file.ts';
import type { FileFormat, ReaderLimits, SourceFile } from './protocol.ts';
import { intermediatePath } from './restore-paths.ts';
import { openRestoreSource, type RestoreSource } from './restore-source.ts';

/** Writes a file's rows in another format; a file that already has it is copied byte by byte. */
export async function restore(
  file: SourceFile,
  to: FileFormat,
  outputPath: string,
  limits: ReaderLimits,
): Promise<{ rowCount: number | null }> {
  if (file.format === to) {
    await copyFile(file.path, outputPath);
    return { rowCount: null };
  }
  if (to === 'parquet') return restoreParquet(file, outputPath, limits);
  const source = await openRestoreSource(file, limits);
  const output = new OutputFile(outputPath, limits.maxOutputBytes);
  const rowCount = await writeRows(source, to, output);
  output.close();
  return { rowCount };
}

function writeRows(source: RestoreSource, to: FileFormat, output: OutputFile): Promise<number> {
  if (to === 'avro') return writeAvro(source, output);
  if (to === 'csv') return writeCsv(source, output);
  return writeJson(source, to === 'ndjson' ? 'ndjson' : 'json', output);
}

const FRAMINGS = {
  json: { before: '[\n', between: ',\n', after: '\n]\n' },
  ndjson: { before: '', between: '\n', after: '\n' },
};

async function writeJson(source: RestoreSource, to: 'json' | 'ndjson', output: OutputFile): Promise<number> {
  const framing = source.note === null ? FRAMINGS[to] : framingOf(source.note, to);
  let rowCount = 0;
  for await (const rows of source.jsonRows()) {
    for (const row of rows) output.text(`${rowCount++ === 0 ? framing.before : framing.between}${row}`);
  }
  if (rowCount > 0) output.text(framing.after);
  else if (to === 'json') output.text('[]\n');
  return rowCount;
}

async function writeCsv(source: RestoreSource, output: OutputFile): Promise<number> {
  const { note, csvLines } = source;
  const newline = note?.csv?.newline ?? '\r\n';
  const header = note === null ? csvLine(source.columns.map(({ name }) => name)) : restoreCsvHeader(note);
  if (header !== null) output.text(header + newline);
  let rowCount = 0;
  if (csvLines !== null) {
    for await (const lines of csvLines()) {
      for (const line of lines) output.text(line + newline);
      rowCount += lines.length;
    }
    return rowCount;
  }
  for await (const rows of source.textRows()) {
    for (const row of rows) output.text(csvLine(row) + newline);
    rowCount += rows.length;
  }
  return rowCount;
}

/** Null is an empty field, the empty text a pair of quotes. */
function csvLine(cells: readonly (string | null)[]): string {
  const fields = cells.map((cell) => {
    if (cell === null) return '';
    return cell === '' || /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  });
  // A lone empty field would be an empty line, which is no row.
  return fields.length === 1 && fields[0] === '' ? '""' : fields.join(',');
}

async function writeAvro(source: RestoreSource, output: OutputFile): Promise<number> {
  const writer = new AvroWriter(output, source.columns);
  let rowCount = 0;
  for await (const rows of source.textRows()) {
    for (const row of rows) writer.write(row);
    rowCount += rows.length;
  }
  writer.close();
  return rowCount;
}

async function restoreParquet(
  file: SourceFile,
  outputPath: string,
  limits: ReaderLimits,
): Promise<{ rowCount: number }> {
  const isText = file.format === 'csv' || file.format === 'json' || file.format === 'ndjson';
  const rowsPath = isText ? file.path : intermediatePath(outputPath);
  if (!isText) {
    const rows = new OutputFile(rowsPath, limits.maxOutputBytes);
    await writeJson(await openRestoreSource(file, limits), 'ndjson', rows);
    rows.close();
  }
  const output = new OutputFile(outputPath, limits.maxOutputBytes);
  const { rowCount } = await convertToParquet({
    open: () => createReadStream(rowsPath),
    format: isText ? (file.format as 'csv' | 'json' | 'ndjson') : 'ndjson',
    csv: file.csv,
    sink: {
      write: async (bytes) => output.bytes(bytes),
      close: async () => output.close(),
    },
  });
  if (!isText) await rm(rowsPath, { force: true });
  return { rowCount };
}
