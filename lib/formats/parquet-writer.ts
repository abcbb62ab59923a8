import codecs from 'parquetjs-lite/lib/codec/index.js';
import compression from 'parquetjs-lite/lib/compression.js';
import { ParquetSchema } from 'parquetjs-lite/lib/schema.js';
import { type ColumnData, type OutputStream, ParquetWriter } from 'parquetjs-lite/lib/writer.js';
import { encodeLevels } from './encode-levels.ts';
import { encodePlainTexts } from './encode-plain-texts.ts';

/** One group is in memory twice, as text and encoded. Larger groups gain nothing in size, smaller ones cost 1 %. */
const ROWS_PER_GROUP = 20_000;

/** Rows of a megabyte end their group here, or the tab would run out of memory. */
const CHARS_PER_GROUP = 16 << 20;

/** The library copies a group once per column, which would make a thousand columns of 20,000 rows quadratic. */
const CELLS_PER_GROUP = 2 << 20;

/** A column of a group, encoded: what the library asks its codecs for, and counts. */
class EncodedColumn {
  readonly levels: Uint8Array;
  readonly texts: Uint8Array;

  constructor(levels: Uint8Array, texts: Uint8Array) {
    this.levels = levels;
    this.texts = texts;
  }
}

/** Takes the place of the texts of a column; the library adds the last one, which is in there already. */
class TextValues {
  readonly column: EncodedColumn;

  constructor(column: EncodedColumn) {
    this.column = column;
  }

  push(): void {}
}

/** Takes the place of the levels of a column: the library adds the last one, and counts them. */
class Levels {
  readonly column: EncodedColumn;
  length: number;

  constructor(column: EncodedColumn, length: number) {
    this.column = column;
    this.length = length;
  }

  push(): void {
    this.length++;
  }
}

/** Pages of the group being written that were compressed beforehand, in the order of the columns. */
let compressedPages: Uint8Array[] = [];

// The library makes a Buffer of each value, which took half of the time in a browser (11 s for 450,000 rows of 9
// columns, 5 s without), and joins Buffers anew at each change between value and null; it looks codecs up by name, so
// these take whole columns of text and leave the rest alone.
const { PLAIN, RLE } = codecs;
codecs.RLE = {
  ...RLE,
  encodeValues: (type, values, options) =>
    values instanceof Levels
      ? values.column.levels
      : (RLE.encodeValues as NonNullable<typeof RLE.encodeValues>)(type, values, options),
};
codecs.PLAIN = {
  ...PLAIN,
  encodeValues: (type, values, options) =>
    values instanceof TextValues
      ? values.column.texts
      : (PLAIN.encodeValues as NonNullable<typeof PLAIN.encodeValues>)(type, values, options),
};

const { GZIP } = compression.PARQUET_COMPRESSION_METHODS;
const gzip = GZIP.deflate;
GZIP.deflate = (page) => compressedPages.shift() ?? gzip(page);

/** Where the bytes of a file go, in order; a promise that waits is how the sink slows the writer down. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface ParquetWriterOptions {
  /** Written as they are, whatever they hold; all columns are optional UTF8. At least one. */
  columns: readonly string[];
  /** Default GZIP: a third smaller than SNAPPY, and the upload takes longer than the compression. */
  compression?: 'GZIP' | 'SNAPPY';
  /**
   * Compresses pages with GZIP elsewhere, while the next group is gathered; it may take the page's buffer away. Without
   * it they are compressed here.
   */
  gzipElsewhere?: (page: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
}

/**
 * Writes a Parquet file of text columns with parquetjs-lite, handing it whole columns: its own row-by-row way takes
 * 2.7 times as long. Statistics stay off (the library compares them wrongly) and so does DataPageV2 (other readers
 * refuse what it writes).
 */
export class ParquetTextWriter {
  readonly #sink: ByteSink;
  readonly #keys: readonly string[];
  readonly #schema: ParquetSchema;
  readonly #writer: ParquetWriter;
  readonly #output: PendingOutput;
  #levels: Uint8Array[] = [];
  #values: string[][] = [];
  readonly #rowsPerGroup: number;
  readonly #gzipElsewhere: ParquetWriterOptions['gzipElsewhere'];
  /** The group that is compressed and written while the next one is gathered. */
  #ahead: Promise<void> = Promise.resolve();
  #rows = 0;
  #chars = 0;

  private constructor(sink: ByteSink, keys: readonly string[], schema: ParquetSchema, parts: OpenedParts) {
    this.#sink = sink;
    this.#keys = keys;
    this.#schema = schema;
    this.#writer = parts.writer;
    this.#output = parts.output;
    this.#gzipElsewhere = parts.gzipElsewhere;
    this.#rowsPerGroup = Math.max(1, Math.min(ROWS_PER_GROUP, Math.floor(CELLS_PER_GROUP / keys.length)));
    this.#clear();
  }

  /** Begins a file. */
  static async open(sink: ByteSink, options: ParquetWriterOptions): Promise<ParquetTextWriter> {
    const codec = options.compression ?? 'GZIP';
    // Objects keyed by column name would drop `__proto__` and put `1` before `a`; the library gets names of ours.
    const keys = options.columns.map((_, index) => `c${index}`);
    const field = { type: 'UTF8', optional: true, compression: codec, statistics: false } as const;
    const schema = new ParquetSchema(Object.fromEntries(keys.map((key) => [key, { ...field }])));
    for (const [index, key] of keys.entries()) {
      const path = [options.columns[index] as string];
      // The library uses the path as the key of its buffers as well as writing it into the file.
      Object.defineProperty(path, 'toString', { value: () => key });
      Object.assign(schema.fieldList[index] as object, { name: options.columns[index], path });
    }
    const output = new PendingOutput();
    const writer = await ParquetWriter.openStream(schema, output, {
      useDataPageV2: false,
      // Groups end where this class says: at the row that appendRow adds to the columns.
      rowGroupSize: 1,
      pageSize: 1,
      pageIndex: false,
    });
    const gzipElsewhere = codec === 'GZIP' ? options.gzipElsewhere : undefined;
    return new ParquetTextWriter(sink, keys, schema, { writer, output, gzipElsewhere });
  }

  /** Appends rows given by column: `cells[column][row]`, null for none. */
  async write(cells: readonly (readonly (string | null)[])[], rowCount: number): Promise<void> {
    let from = 0;
    while (from < rowCount) {
      const room = this.#rowsPerGroup - this.#rows;
      const to = Math.min(rowCount, from + room);
      this.#append(cells, from, to);
      if (to - from === room || this.#chars >= CHARS_PER_GROUP) await this.#endGroup();
      from = to;
    }
  }

  /**
   * Writes the rest and the footer with its key-value pairs, and closes the sink. `withoutLastColumn` leaves the last
   * column out, where only the end of the source tells whether it is needed: its pages stay as bytes that nothing
   * refers to, some 60 a group.
   */
  async close(options: { metadata?: Record<string, string>; withoutLastColumn?: boolean } = {}): Promise<void> {
    await this.#endGroup();
    await this.#ahead;
    for (const [key, value] of Object.entries(options.metadata ?? {})) this.#writer.setMetadata(key, value);
    if (options.withoutLastColumn) {
      this.#schema.fieldList.pop();
      delete this.#schema.fields[this.#keys.at(-1) as string];
      for (const group of this.#writer.envelopeWriter.rowGroups) {
        group.total_byte_size -= group.columns.pop()?.meta_data.total_compressed_size ?? 0;
      }
    }
    await this.#writer.close();
    await this.#output.drain(this.#sink);
    await this.#sink.close();
  }

  #append(cells: readonly (readonly (string | null)[])[], from: number, to: number): void {
    for (const [column, values] of this.#values.entries()) {
      const levels = this.#levels[column] as Uint8Array;
      const texts = cells[column] as readonly (string | null)[];
      let at = this.#rows;
      for (let row = from; row < to; row++, at++) {
        const text = texts[row] as string | null;
        if (text !== null) {
          levels[at] = 1;
          values.push(text);
          this.#chars += text.length;
        }
      }
    }
    this.#rows += to - from;
  }

  async #endGroup(): Promise<void> {
    if (this.#rows === 0) return;
    const rowCount = this.#rows;
    const columns = this.#keys.map((_, index) => {
      const levels = (this.#levels[index] as Uint8Array).subarray(0, rowCount);
      return new EncodedColumn(encodeLevels(levels), encodePlainTexts(this.#values[index] as string[]));
    });
    const hasLast = this.#levels.map((levels) => levels[rowCount - 1] === 1);
    this.#clear();
    // One group at a time is ahead: memory stays bounded, and groups stay in order.
    await this.#ahead;
    const ahead = this.#writeGroup(columns, rowCount, hasLast);
    this.#ahead = ahead;
    // Who fails is told at the next group, or at the end.
    ahead.catch(() => {});
    if (this.#gzipElsewhere === undefined) await ahead;
  }

  /** All rows but the last go in as whole columns, the last as a row, at which the library ends page and group. */
  async #writeGroup(columns: EncodedColumn[], rowCount: number, hasLast: boolean[]): Promise<void> {
    const compressed = await this.#compress(columns);
    const before = rowCount - 1;
    const lastRow: Record<string, string> = {};
    const columnData: Record<string, ColumnData> = {};
    const pages: Record<string, unknown[]> = {};
    for (const [index, key] of this.#keys.entries()) {
      const column = columns[index] as EncodedColumn;
      if (hasLast[index]) lastRow[key] = '';
      const values = new TextValues(column);
      // Repetition levels are not written for columns that do not repeat.
      const levels = { dlevels: new Levels(column, before), rlevels: [] };
      columnData[key] = { ...levels, values, distinct_values: new Set(), count: before };
      pages[key] = [];
    }
    this.#writer.rowBuffer = { rowCount: before, pageRowCount: before, columnData, pages };
    compressedPages = compressed;
    // The library encodes the pages before it first waits: nobody else's come in between.
    const written = this.#writer.appendRow(lastRow);
    compressedPages = [];
    await written;
    await this.#output.drain(this.#sink);
  }

  async #compress(columns: EncodedColumn[]): Promise<Uint8Array[]> {
    const gzipElsewhere = this.#gzipElsewhere;
    if (gzipElsewhere === undefined) return [];
    return Promise.all(
      columns.map(({ levels, texts }) => {
        const page = new Uint8Array(levels.length + texts.length);
        page.set(levels);
        page.set(texts, levels.length);
        return gzipElsewhere(page);
      }),
    );
  }

  #clear(): void {
    this.#levels = this.#keys.map(() => new Uint8Array(this.#rowsPerGroup));
    this.#values = this.#keys.map(() => []);
    this.#rows = 0;
    this.#chars = 0;
  }
}

interface OpenedParts {
  writer: ParquetWriter;
  output: PendingOutput;
  gzipElsewhere: ParquetWriterOptions['gzipElsewhere'];
}

/**
 * Takes what the library writes and keeps it until it is drained: the library does not wait for all of its writes, so
 * a failing sink would else be an unhandled rejection, and a slow one would not slow it down.
 */
class PendingOutput implements OutputStream {
  #pending: Uint8Array[] = [];

  write(bytes: Uint8Array, done: (error?: unknown) => void): void {
    this.#pending.push(bytes);
    done();
  }

  end(done: (error?: unknown) => void): void {
    done();
  }

  async drain(sink: ByteSink): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const bytes of pending) if (bytes.length > 0) await sink.write(bytes);
  }
}
