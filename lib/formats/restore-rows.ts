import { JsonGrammar } from './json-grammar.ts';
import type { RowFault } from './row-batch.ts';
import { DEVIATIONS, type NoteColumn, type SourceNote } from './source-note.ts';

/** How rows become a file: what stands before the first, between two, and after the last. */
export interface Framing {
  before: string;
  between: string;
  after: string;
}

/** A row of a CSV file that did not fit its table, as the conversion noted it. */
export type NotedFault = Pick<RowFault, 'code' | 'fields'>;

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const grammar = new JsonGrammar();

/** The framing of the file that the note describes, or of the other JSON format if that is asked for. */
export function framingOf(
  note: SourceNote,
  format: 'json' | 'ndjson' = note.format === 'ndjson' ? 'ndjson' : 'json',
): Framing {
  if (format === 'ndjson') return { before: '', between: '\n', after: '\n' };
  if (note.topLevel === 'object') return { before: '', between: '\n', after: '\n' };
  return { before: '[\n', between: ',\n', after: '\n]\n' };
}

/**
 * Rows read from a converted Parquet file as the JSON they were, one text without line breaks per row. `columns` and
 * `cells[column][row]` are what the reader found; they are matched by position if their number is that of the note
 * (readers rename columns that differ in case only), else by name.
 */
export function restoreRowsAsJson(
  note: SourceNote,
  columns: readonly string[],
  cells: readonly (readonly (string | null)[])[],
): string[] {
  const { sources, deviationCells } = locate(note, columns, cells);
  const keys = note.columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const rows: string[] = [];
  for (let row = 0; row < rowCountOf(cells); row++) {
    const deviations = note.format === 'csv' ? null : readDeviations(deviationCells?.[row]);
    let text = '';
    for (const [index, column] of note.columns.entries()) {
      const source = sources[index];
      if (source === undefined) continue;
      const value = restoreValue(column, source[row] ?? null, deviations?.get(column.name));
      if (value !== null) text += `${text === '' ? '' : ','}${keys[index]}${value}`;
    }
    rows.push(`{${text}}`);
  }
  return rows;
}

/** JSON text of a cell, null if its key was missing. */
function restoreValue(column: NoteColumn, cell: string | null, deviation: string | undefined): string | null {
  if (cell === null) {
    const isMissing = deviation === undefined ? column.empty === 'missing' : deviation === DEVIATIONS.missing;
    return isMissing ? null : 'null';
  }
  if (column.encoding === 'json' || deviation === DEVIATIONS.raw)
    return isJson(cell) ? onOneLine(cell) : JSON.stringify(cell);
  const kind = deviation ?? DEVIATIONS[column.base];
  // A note made by someone else may promise what the cells do not hold: these stay strings.
  if (kind === DEVIATIONS.number && NUMBER.test(cell)) return cell;
  if (kind === DEVIATIONS.boolean && (cell === 'true' || cell === 'false')) return cell;
  return JSON.stringify(cell);
}

function isJson(text: string): boolean {
  const isContainer = text.startsWith('{') || text.startsWith('[');
  // A number is only known to end where something follows it.
  const ended = `${text} `;
  try {
    return (isContainer ? grammar.skipContainer(ended, 0, 1) : grammar.skipScalar(ended, 0)) === text.length;
  } catch {
    return false;
  }
}

/** Line breaks stand between tokens only (in strings they are escaped), and so does the indentation after them. */
function onOneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n][ \t\r\n]*/g, '') : json;
}

/** The header line of a file restored as CSV, null if the source had none. */
export function restoreCsvHeader(note: SourceNote): string | null {
  if (note.csv?.header === false) return null;
  return csvLine(
    note.columns.map(({ name }) => name),
    note.csv?.delimiter ?? ',',
  );
}

/** Rows as CSV lines without their line breaks, each cell the text it was; see {@link restoreRowsAsJson}. */
export function restoreRowsAsCsv(
  note: SourceNote,
  columns: readonly string[],
  cells: readonly (readonly (string | null)[])[],
): string[] {
  const { sources, deviationCells } = locate(note, columns, cells);
  const delimiter = note.csv?.delimiter ?? ',';
  const rows: string[] = [];
  for (let row = 0; row < rowCountOf(cells); row++) {
    const fault = readRowFault(note, deviationCells?.[row] ?? null);
    rows.push(
      csvLine(fault?.fields.map((field) => field || null) ?? sources.map((source) => source?.[row] ?? null), delimiter),
    );
  }
  return rows;
}

/** Null is a field of nothing, the empty text a pair of quotes. */
function csvLine(fields: readonly (string | null)[], delimiter: string): string {
  // A lone empty field would be an empty line, which is no row.
  if (fields.length === 1 && (fields[0] ?? '').trim() === '') return `"${fields[0] ?? ''}"`;
  return fields
    .map((field) => {
      if (field === null) return '';
      const needsQuotes = field === '' || field.includes(delimiter) || /["\r\n]|^\s|\s$/.test(field);
      return needsQuotes ? `"${field.replaceAll('"', '""')}"` : field;
    })
    .join(delimiter);
}

/** The fault that the conversion noted for a row of a CSV file in its column of deviations; null if the row is sound. */
export function readRowFault(note: SourceNote, cell: string | null): NotedFault | null {
  if (note.format !== 'csv' || cell === null) return null;
  try {
    const { fault, fields } = JSON.parse(cell) as { fault: unknown; fields: unknown };
    if (fault !== 'too_few_fields' && fault !== 'too_many_fields' && fault !== 'malformed_quotes') return null;
    if (!Array.isArray(fields) || !fields.every((field) => typeof field === 'string')) return null;
    return { code: fault, fields };
  } catch {
    return null;
  }
}

function readDeviations(cell: string | null | undefined): Map<string, string> | null {
  if (cell === null || cell === undefined) return null;
  try {
    return new Map(Object.entries(JSON.parse(cell) as Record<string, string>));
  } catch {
    return null;
  }
}

function rowCountOf(cells: readonly (readonly (string | null)[])[]): number {
  return cells[0]?.length ?? 0;
}

function locate(
  note: SourceNote,
  columns: readonly string[],
  cells: readonly (readonly (string | null)[])[],
): { sources: (readonly (string | null)[] | undefined)[]; deviationCells: readonly (string | null)[] | undefined } {
  const width = note.columns.length;
  if (columns.length === width + (note.deviations === null ? 0 : 1)) {
    return { sources: cells.slice(0, width), deviationCells: note.deviations === null ? undefined : cells[width] };
  }
  const positions = new Map(columns.map((name, index) => [name, index]));
  const find = (name: string) => cells[positions.get(name) ?? -1];
  const deviationCells = note.deviations === null ? undefined : find(note.deviations);
  return { sources: note.columns.map(({ name }) => find(name)), deviationCells };
}
