import { JsonScanner } from './json-scanner.ts';
import { CELL_KINDS, type CellKind, type RowBatch } from './row-batch.ts';

/** How often each kind of cell occurs in a column of a file. */
export interface ColumnSurvey {
  name: string;
  counts: Record<CellKind, number>;
}

export interface JsonSurvey {
  columns: ColumnSurvey[];
  rowCount: number;
  topLevel: 'array' | 'object' | 'lines';
  hasLoneSurrogates: boolean;
}

/** Counts the kinds of one more batch into a survey's columns, appending those that are new. */
export function countKinds(columns: ColumnSurvey[], batch: RowBatch): void {
  for (const [index, name] of batch.columns.entries()) {
    let column = columns[index];
    if (column === undefined) {
      // Every row before this batch lacks the column.
      column = { name, counts: { missing: batch.firstRow - 1, null: 0, string: 0, number: 0, boolean: 0, json: 0 } };
      columns.push(column);
    }
    const perCode = new Uint32Array(CELL_KINDS.length);
    const kinds = batch.kinds?.[index];
    for (let row = 0; row < batch.rowCount; row++) {
      const code = kinds?.[row] ?? 0;
      perCode[code] = (perCode[code] as number) + 1;
    }
    for (const [code, kind] of CELL_KINDS.entries()) column.counts[kind] += perCode[code] as number;
  }
}

/** Reads a whole JSON or NDJSON file once for the names and kinds of its columns; throws {@link FormatFault}. */
export async function surveyJson(chunks: AsyncIterable<Uint8Array>, options: { lines: boolean }): Promise<JsonSurvey> {
  const scanner = new JsonScanner({ ...options, texts: false });
  const columns: ColumnSurvey[] = [];
  for await (const chunk of chunks) for (const batch of scanner.feed(chunk)) countKinds(columns, batch);
  for (const batch of scanner.finish()) countKinds(columns, batch);
  const { rowCount, topLevel, hasLoneSurrogates } = scanner;
  return { columns, rowCount, topLevel: topLevel ?? 'array', hasLoneSurrogates };
}
