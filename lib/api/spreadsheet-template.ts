import writeExcelFile, { type Cell } from 'write-excel-file/node';
import { exampleColumns, exampleRow } from '../figura/example-row.ts';
import type { Figura, FiguraColumn } from '../figura/figura.ts';

/** Rows under the header that are ready to be filled in. */
const READY_ROWS = 1000;
const MIN_WIDTH = 12;
/** The longest name of a sheet that Excel opens. */
const MAX_SHEET_NAME = 31;

/**
 * A figura's columns as an XLSX sheet, with one example row unless it is to be empty. Cells of columns that are no
 * numbers, dates or booleans are cells of text: what somebody types there keeps its leading zeros.
 */
export async function spreadsheetTemplate(figura: Figura, hasExample: boolean): Promise<Uint8Array> {
  const example = exampleRow(figura);
  const columns = exampleColumns(figura);
  const header = columns.map(({ name }): Cell => ({ value: name, fontWeight: 'bold' }));
  const empty = columns.map(emptyCell);
  const rows = Array.from({ length: READY_ROWS }, () => empty);
  if (hasExample) rows[0] = columns.map((column) => exampleCell(column, example[column.name]));
  const file = writeExcelFile([header, ...rows], {
    sheet: figura.name.slice(0, MAX_SHEET_NAME),
    columns: columns.map(({ name }) => ({ width: Math.max(MIN_WIDTH, name.length + 2) })),
    stickyRowsCount: 1,
  });
  return file.toBuffer();
}

const TEXT = { type: String, format: '@' } as const;
const DATE = { type: Date, format: 'yyyy-mm-dd' } as const;

function emptyCell({ category }: FiguraColumn): Cell {
  if (category === 'integer' || category === 'number' || category === 'boolean') return null;
  return { ...(category === 'date' ? DATE : TEXT), value: undefined };
}

function exampleCell(column: FiguraColumn, value: unknown): Cell {
  if (value === null || value === undefined) return emptyCell(column);
  switch (column.category) {
    case 'integer':
    case 'number':
      return { type: Number, value: Number(value) };
    case 'boolean':
      return { type: Boolean, value: value === true };
    case 'date':
      return { ...DATE, value: new Date(String(value)) };
    default:
      return { ...TEXT, value: typeof value === 'string' ? value : JSON.stringify(value) };
  }
}
