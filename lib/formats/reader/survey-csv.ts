import { type CsvOptions, CsvScanner } from '../csv-scanner.ts';
import { detectCsv } from '../detect-csv.ts';
import { MAX_ROW_CHARS } from '../json-scanner.ts';
import { StrictDecoder } from '../text-decoding.ts';
import { ChunkList } from './chunk-list.ts';
import { CsvRows, canTellBytes, INCOMPLETE, STRANGE } from './csv-rows.ts';
import { eachBlock, type FileRange, guessRows, readHead, Utf8Check, utf8MarkLength } from './file-blocks.ts';
import type { FileChunk, FileHead, SourceFile } from './protocol.ts';

/** How a CSV file is written, and where it can be divided. */
export interface CsvSurvey {
  csv: CsvOptions;
  chunks: FileChunk[] | null;
}

/** Says how a CSV file is written and, with `chunkRows`, where it can be divided into chunks of so many rows. */
export async function surveyCsv(
  range: FileRange,
  overrides: SourceFile['csv'],
  chunkRows: number | null,
): Promise<CsvSurvey> {
  const given = givenOptions(overrides);
  const { head, size } = await readHead(range);
  const csv: CsvOptions = { ...detectCsv(head), ...given };
  // A file that is clearly too small is not read for it.
  const wanted = chunkRows !== null && guessRows(head, size) >= chunkRows ? chunkRows : null;
  // One-byte text whose first kilobytes are ASCII looks like UTF-8 until its first accent, maybe in the last row.
  const isGuess = !('encoding' in given) && csv.encoding === 'utf-8';
  if (isGuess) {
    const { isUtf8, chunks } = await readThrough(range, csv, wanted, new Utf8Check());
    if (isUtf8) return { csv, chunks };
    csv.encoding = 'windows-1252';
  }
  return { csv, chunks: wanted === null ? null : await splitCsv(range, csv, wanted) };
}

function givenOptions(overrides: SourceFile['csv']): Partial<CsvOptions> {
  return Object.fromEntries(Object.entries(overrides ?? {}).filter(([, value]) => value !== undefined));
}

/** What a CSV file's first bytes say; null where rows cannot be told by bytes. */
export async function csvHead(range: FileRange, overrides: SourceFile['csv']): Promise<FileHead | null> {
  const { head, size } = await readHead(range);
  const csv: CsvOptions = { ...detectCsv(head), ...givenOptions(overrides) };
  if (!canTellBytes(csv.delimiter, 'utf-8')) return null;
  const columns = (await csvColumns(range, csv)).map((name) => ({ name }));
  return { columns, rowsGuess: guessRows(head, size), csv };
}

/** How a CSV file is written. */
export async function csvOptionsOf(file: SourceFile): Promise<CsvOptions> {
  const { csv } = await surveyCsv({ path: file.path }, file.csv, null);
  return csv;
}

/** Divides a CSV file into chunks of `chunkRows` rows; null where it is too small, or its rows cannot be told by bytes. */
export async function splitCsv(range: FileRange, csv: CsvOptions, chunkRows: number): Promise<FileChunk[] | null> {
  const { chunks } = await readThrough(range, csv, chunkRows, null);
  return chunks;
}

/** Looks at every byte once, for the rows' ends, for the encoding, or for both. */
async function readThrough(
  range: FileRange,
  csv: CsvOptions,
  chunkRows: number | null,
  check: Utf8Check | null,
): Promise<{ isUtf8: boolean; chunks: FileChunk[] | null }> {
  let splitter = chunkRows === null ? null : CsvSplitter.of(csv, chunkRows);
  const whole = await eachBlock(range, (bytes, offset, isLast) => {
    if (check !== null && !check.isSound(bytes, offset, isLast)) return null;
    const taken = splitter?.take(bytes, offset, isLast) ?? null;
    if (taken === null || bytes.length - taken > MAX_ROW_CHARS) splitter = null;
    else return taken;
    // The check may have to see the first bytes of a character again.
    return check === null ? null : isLast ? bytes.length : Math.max(0, bytes.length - 4);
  });
  return { isUtf8: whole !== null, chunks: whole === null ? null : (splitter?.end(whole.size) ?? null) };
}

/** Gathers the rows of a CSV file to chunks. */
class CsvSplitter {
  readonly #rows: CsvRows;
  readonly #chunkRows: number;
  /** Null until the header has passed. */
  #chunks: ChunkList | null;

  /** Null where rows cannot be told by bytes. */
  static of(csv: CsvOptions, chunkRows: number): CsvSplitter | null {
    const { encoding } = new StrictDecoder(csv.encoding);
    return canTellBytes(csv.delimiter, encoding) ? new CsvSplitter({ ...csv, encoding }, chunkRows) : null;
  }

  private constructor(csv: CsvOptions, chunkRows: number) {
    this.#rows = new CsvRows(csv);
    this.#chunkRows = chunkRows;
    this.#chunks = csv.header ? null : new ChunkList(chunkRows, 0);
  }

  /** How many bytes belong to whole rows; null where a row is not what it seems. */
  take(bytes: Buffer, offset: number, isLast: boolean): number | null {
    let at = utf8MarkLength(bytes, offset);
    if (at > 0 && this.#chunks !== null) this.#chunks = new ChunkList(this.#chunkRows, at);
    while (at < bytes.length) {
      const next = this.#rows.next(bytes, at, isLast);
      if (next === STRANGE) return null;
      if (next === INCOMPLETE) break;
      at = next;
      if (this.#rows.count === 0) continue;
      if (this.#chunks === null) this.#chunks = new ChunkList(this.#chunkRows, offset + at);
      else this.#chunks.add(1, offset + at);
    }
    return at;
  }

  end(size: number): FileChunk[] | null {
    return this.#chunks?.end(size) ?? null;
  }
}

/** Names of the columns of a CSV file, from its first rows. */
export async function csvColumns(range: FileRange, csv: CsvOptions): Promise<string[]> {
  const scanner = new CsvScanner(csv);
  await eachBlock(range, (bytes) => {
    for (const _batch of scanner.feed(bytes)) break;
    return scanner.columns.length > 0 ? null : bytes.length;
  });
  if (scanner.columns.length === 0) for (const _batch of scanner.finish());
  return scanner.columns;
}
