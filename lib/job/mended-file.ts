/** A cell of a rejected row as the API gives it: its kind in the file and its text, exact to the last digit. */
export interface MendedCell {
  column: string;
  kind: 'missing' | 'null' | 'text' | 'number' | 'boolean' | 'json';
  text: string;
}

/** A rejected row and what somebody changed in it, by column. */
export interface MendedRow {
  cells: readonly MendedCell[];
  edits: Readonly<Record<string, string>>;
}

/** How the file was written that the rows came from. */
export interface MendedSource {
  /** `csv`, `json`, `ndjson`; for Parquet and Avro that nobody converted, those. */
  writtenAs: string;
  csv: Readonly<Record<string, unknown>> | null;
}

/** A file to upload, and how it is to be read. */
export interface MendedFile {
  text: string;
  format: 'csv' | 'ndjson';
  csv?: { delimiter: string; encoding: string; decimal?: '.' | ','; dateFormat?: string };
}

/**
 * Writes mended rows as a file that is read as the first one was: CSV stays CSV with its decimal mark and its dates,
 * anything else becomes NDJSON with every number as it was written. No value goes through a double.
 * @param jsonColumns columns of the file whose target holds JSON: text that is JSON stands for itself there
 */
export function writeMendedFile(
  rows: readonly MendedRow[],
  source: MendedSource,
  jsonColumns: ReadonlySet<string> = new Set(),
): MendedFile {
  if (source.csv !== null) return { text: writeCsv(rows), format: 'csv', csv: csvOptions(source.csv) };
  // Parquet and Avro have no type for JSON that everybody writes: it comes as text.
  const isTextJson = source.writtenAs !== 'json' && source.writtenAs !== 'ndjson';
  const lines = rows.map((row) => {
    const members = row.cells.flatMap((cell) => {
      const value = jsonValue(cell, row.edits[cell.column], jsonColumns.has(cell.column), isTextJson);
      return value === null ? [] : [`${JSON.stringify(cell.column)}:${value}`];
    });
    return `{${members.join(',')}}\n`;
  });
  return { text: lines.join(''), format: 'ndjson' };
}

function csvOptions({ decimal, dateFormat }: Readonly<Record<string, unknown>>): MendedFile['csv'] {
  return {
    delimiter: ',',
    encoding: 'utf-8',
    ...(decimal === ',' || decimal === '.' ? { decimal } : {}),
    ...(typeof dateFormat === 'string' && dateFormat !== '' ? { dateFormat } : {}),
  };
}

/** The cell's value as JSON text; null leaves the member out. */
function jsonValue(cell: MendedCell, edit: string | undefined, isJson: boolean, isTextJson: boolean): string | null {
  if (edit === undefined) {
    if (cell.kind === 'missing') return null;
    if (cell.kind === 'null') return 'null';
    if (cell.kind !== 'text') return cell.text;
    return isJson && isTextJson && isJsonText(cell.text) ? cell.text : JSON.stringify(cell.text);
  }
  if (edit === '') return 'null';
  if ((isJson || cell.kind === 'json') && isJsonText(edit)) return edit.replace(/\s*\n\s*/g, ' ');
  return JSON.stringify(edit);
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function writeCsv(rows: readonly MendedRow[]): string {
  const columns = [...new Set(rows.flatMap(({ cells }) => cells.map(({ column }) => column)))];
  const lines = rows.map(({ cells, edits }) => {
    const byColumn = new Map(cells.map((cell) => [cell.column, cell]));
    return columns.map((column) => {
      const cell = byColumn.get(column);
      const edit = edits[column];
      if (edit !== undefined) return edit === '' ? '' : csvField(edit);
      if (cell === undefined || cell.kind === 'missing' || cell.kind === 'null') return '';
      // An empty text keeps its quotes: without them it would be no value.
      return cell.text === '' ? '""' : csvField(cell.text);
    });
  });
  return [columns.map(csvField), ...lines].map((fields) => `${fields.join(',')}\r\n`).join('');
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
