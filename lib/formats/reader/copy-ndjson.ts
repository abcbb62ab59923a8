import { arrayLiteral } from '../array-literal.ts';
import { INCOMPLETE } from '../json-grammar.ts';
import { KIND_JSON, KIND_NULL, KIND_NUMBER, KIND_STRING } from '../row-batch.ts';
import { ChunkList } from './chunk-list.ts';
import { CopyBytes } from './copy-bytes.ts';
import type { CopyTally } from './copy-tally.ts';
import { type CopyWriter, textFault } from './copy-text.ts';
import { eachUtf8Block, type FileRange } from './file-blocks.ts';
import { JsonRows, STRANGE, skipBlanks } from './json-rows.ts';
import { type CellTarget, type CopyColumn, elementOf, type FileChunk } from './protocol.ts';

const POINT = 0x2e;

/** Rows that mostly have every column that others have. */
const HEAD_BYTES = 256 << 10;

/** Calls back for each row of an NDJSON file; null where the scanner has to go on after the last of them. */
async function eachRow(
  range: FileRange,
  rows: JsonRows,
  take: (bytes: Buffer, offset: number) => void,
): Promise<{ size: number } | null> {
  return eachUtf8Block(range, 'utf-8', (bytes, offset, isLast) => {
    for (let at = 0; ; ) {
      at = skipBlanks(bytes, at);
      if (at >= bytes.length) return at;
      const end = rows.next(bytes, at, isLast);
      if (end === STRANGE) return null;
      if (end === INCOMPLETE) return at;
      take(bytes, offset + at);
      at = end;
    }
  });
}

/** What an NDJSON file holds. */
export interface NdjsonSurvey {
  /** Kinds of cells as bits numbered by their codes. */
  columns: { name: string; kinds: number }[];
  rowCount: number;
  chunks: FileChunk[] | null;
}

/** Reads an NDJSON file once for its columns and its rows' places; null where the scanner has to. */
export async function surveyNdjson(range: FileRange, chunkRows: number | null): Promise<NdjsonSurvey | null> {
  const rows = new JsonRows();
  const kinds: number[] = [];
  const chunks = new ChunkList(chunkRows ?? Number.POSITIVE_INFINITY, 0);
  let rowCount = 0;
  const whole = await eachRow(range, rows, (_bytes, offset) => {
    // A row before this one ends where this one begins.
    if (rowCount > 0) chunks.add(1, offset);
    rowCount += 1;
    for (let column = 0; column < rows.names.length; column += 1) {
      if (rows.has(column)) kinds[column] = (kinds[column] ?? 0) | (1 << (rows.kinds[column] as number));
    }
  });
  if (whole === null || rowCount === 0) return null;
  chunks.add(1, whole.size);
  const columns = rows.names.map((name, index) => ({ name, kinds: kinds[index] ?? 0 }));
  return { columns, rowCount, chunks: chunks.end(whole.size) };
}

/** Names of the columns that the first rows of an NDJSON file have. */
export async function ndjsonHeadColumns(range: FileRange): Promise<string[]> {
  const rows = new JsonRows();
  await eachRow({ ...range, to: HEAD_BYTES }, rows, () => {});
  return rows.names;
}

/** How the cells of a column are written. */
interface CellPlan {
  source: string;
  target: CellTarget;
  /** Of the file's column; -1 until a row has it. */
  position: number;
  /** Where each cell has to be rewritten. */
  convert: ((text: string) => string) | null;
}

class NdjsonCopy {
  readonly rows: JsonRows;
  readonly #output: CopyBytes;
  readonly #tally: CopyTally;
  readonly #plans: CellPlan[];
  #known = 0;

  constructor(columns: CopyColumn[], writer: CopyWriter, tally: CopyTally, maxColumns: number | undefined) {
    this.rows = new JsonRows(maxColumns);
    this.#output = new CopyBytes(writer);
    this.#tally = tally;
    this.#plans = columns.map(({ source, target }) => {
      const element = elementOf(target);
      const convert = element === null ? null : (text: string) => arrayLiteral(text, element);
      return { source, target, position: -1, convert };
    });
    tally.columns = this.rows.names;
  }

  take(bytes: Buffer): void {
    if (this.rows.names.length > this.#known) this.#findColumns();
    this.#output.beginRow(this.#tally.nextRow);
    const isSound = this.#writeCells(bytes);
    if (isSound) this.#output.endRow();
    else this.#output.dropRow();
    this.#tally.add(!isSound);
  }

  flush(): void {
    this.#output.flush();
  }

  #findColumns(): void {
    const { names } = this.rows;
    this.#known = names.length;
    for (const plan of this.#plans) plan.position = names.indexOf(plan.source);
  }

  /** False where PostgreSQL cannot be asked about the row. */
  #writeCells(bytes: Buffer): boolean {
    const { rows } = this;
    const output = this.#output;
    for (const plan of this.#plans) {
      const { position, target } = plan;
      const kind = rows.kinds[position] as number;
      if (position < 0 || !rows.has(position) || kind === KIND_NULL) {
        output.addNull();
        continue;
      }
      const start = rows.starts[position] as number;
      const end = rows.ends[position] as number;
      const isString = kind === KIND_STRING;
      const isEscaped = isString && rows.escapes[position] === 1;
      if (plan.convert !== null || isEscaped) {
        const text = bytes.toString('utf8', start, end);
        const content = isEscaped ? (JSON.parse(text) as string) : isString ? text.slice(1, -1) : text;
        const cell = plan.convert?.(content) ?? (target === 'json' ? JSON.stringify(content) : content);
        if (textFault(cell) !== null) return false;
        output.addText(cell);
      } else if (kind === KIND_JSON) output.addEscaped(bytes, start, end, false);
      else if (isString && target !== 'json') output.addPlain(bytes, start + 1, end - 1);
      // Programs that know only floats write 7.0 for 7, which an integer column would refuse.
      else if (kind === KIND_NUMBER && target === 'integer')
        output.addPlain(bytes, start, endOfInteger(bytes, start, end));
      else output.addPlain(bytes, start, end);
    }
    return true;
  }
}

/** Where a number ends without a fraction of nothing but zeros. */
function endOfInteger(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] === 0x30) at -= 1;
  return at < end && bytes[at - 1] === POINT ? at - 1 : end;
}

/**
 * Writes the rows of an NDJSON file as COPY text from byte to byte. False where the scanner has to go on after the rows
 * that `tally` counted: a row that brings a column beyond `maxColumns` is one of those.
 */
export async function copyNdjsonBytes(
  range: FileRange,
  columns: CopyColumn[],
  writer: CopyWriter,
  tally: CopyTally,
  maxColumns?: number,
): Promise<boolean> {
  const copy = new NdjsonCopy(columns, writer, tally, maxColumns);
  const whole = await eachRow(range, copy.rows, (bytes) => copy.take(bytes));
  copy.flush();
  return whole !== null;
}
