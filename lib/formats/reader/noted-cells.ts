import type { CsvOptions } from '../csv-scanner.ts';
import { DEVIATIONS, type NoteColumn, type SourceNote } from '../source-note.ts';
import { arrayCell, type CellSql, nulFault } from './duckdb-cells.ts';
import { sqlText } from './duckdb-session.ts';
import { type CellTarget, elementOf } from './protocol.ts';

// SQL for cells of a Parquet file that was made from CSV or JSON: all its columns are text, and the note says of what.

/** Spaces as JavaScript trims them, for RE2. */
const SPACE = '[\\s\\v\\p{Z}\\x{FEFF}]*';

/** What a noted column looks like in a PostgreSQL column of the given kind; `deviations` is the column of deviations. */
export function notedCellSql(
  value: string,
  column: NoteColumn,
  target: CellTarget,
  note: SourceNote,
  deviations: string | null,
): CellSql {
  const element = elementOf(target);
  const cell = notedScalar(value, column, target, note, deviations);
  return element === null ? cell : arrayCell(cell, element);
}

function notedScalar(
  value: string,
  column: NoteColumn,
  target: CellTarget,
  note: SourceNote,
  deviations: string | null,
): CellSql {
  const text = `CAST(${value} AS VARCHAR)`;
  const deviation = deviationOf(column, deviations);
  const nul = nulFault(text);
  if (note.csv !== null) {
    // As the reader of CSV does: a pair of quotes is a value in a column of text only.
    const cell = target === 'text' ? text : `nullif(${csvText(text, note.csv, target)}, '')`;
    return { text: cell, needsEscape: true, faults: [nul] };
  }
  if (target === 'json') {
    // JSON texts escape NUL, and jsonb refuses the escape.
    return { text: originalJson(text, column, deviation), needsEscape: true, faults: [] };
  }
  if (column.encoding === 'json') {
    // Strings in a column that also holds objects are written with their quotes.
    const unquoted = `try(json_extract_string(${text}, '$'))`;
    const other = target === 'integer' ? withoutFraction(text) : text;
    const cell = `CASE WHEN starts_with(${text}, '"') THEN ${unquoted} ELSE ${other} END`;
    const when = `(starts_with(${text}, '"') AND ${unquoted} IS NULL)`;
    return {
      text: cell,
      needsEscape: true,
      faults: [nulFault(cell), { code: 'invalid_utf8', when, detail: HALF_PAIR }],
    };
  }
  const kind = kindOf(column, deviation);
  const number = `CASE WHEN ${kind} = '${DEVIATIONS.number}' THEN ${withoutFraction(text)} ELSE ${text} END`;
  const plain = target === 'integer' ? number : text;
  if (deviation === null) return { text: plain, needsEscape: true, faults: [nul] };
  const when = `(${kind} = '${DEVIATIONS.raw}')`;
  const cell = `CASE WHEN ${when} THEN NULL ELSE ${plain} END`;
  return { text: cell, needsEscape: true, faults: [nul, { code: 'invalid_utf8', when, detail: HALF_PAIR }] };
}

const HALF_PAIR = 'The text holds half of a surrogate pair, which is no character.';

/** Programs that know only floats write 7.0 for 7, which an integer column would refuse. */
function withoutFraction(text: string): string {
  return `regexp_replace(${text}, '^(-?[0-9]+)\\.0+$', '\\1')`;
}

/** Code of the cell's deviation, NULL for most; null where the file has none. */
function deviationOf({ name }: NoteColumn, deviations: string | null): string | null {
  if (deviations === null) return null;
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return `CASE WHEN ${deviations} IS NULL THEN NULL ELSE try(json_extract_string(${deviations}, ${sqlText(pointer)})) END`;
}

/** What kind of value the cell was, never NULL. */
function kindOf({ base }: NoteColumn, deviation: string | null): string {
  return deviation === null ? `'${DEVIATIONS[base]}'` : `coalesce(${deviation}, '${DEVIATIONS[base]}')`;
}

/** The cell as the JSON it was. */
function originalJson(text: string, column: NoteColumn, deviation: string | null): string {
  if (column.encoding === 'json') return text;
  const quoted = `CAST(to_json(${text}) AS VARCHAR)`;
  return `CASE WHEN ${kindOf(column, deviation)} = '${DEVIATIONS.string}' THEN ${quoted} ELSE ${text} END`;
}

/** The same rules as normaliseCell, in SQL. */
function csvText(text: string, { decimal, dateFormat }: CsvOptions, target: CellTarget): string {
  if ((target === 'number' || target === 'integer') && decimal === ',') {
    const pattern = `^${SPACE}([+-]?)([0-9]{1,3}(?:\\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?${SPACE}$`;
    const plain = `regexp_replace(replace(replace(${text}, '.', ''), ',', '.'), '[\\s\\v\\p{Z}\\x{FEFF}]', '', 'g')`;
    return `CASE WHEN regexp_matches(${text}, ${sqlText(pattern)}) THEN ${plain} ELSE ${text} END`;
  }
  if (target === 'date' || target === 'timestamp') return csvDate(text, dateFormat);
  return text;
}

function csvDate(text: string, dateFormat: string): string {
  const format = dateFormat.toLowerCase();
  const order: string[] = format.match(/dd|mm|yyyy/g) ?? [];
  const [year, month, day] = ['yyyy', 'mm', 'dd'].map((token) => order.indexOf(token) + 1) as [number, number, number];
  if (order.length !== 3 || !year || !month || !day) return text;
  const shape = format
    .replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    .replace(/dd|mm|yyyy/g, (token) => (token === 'yyyy' ? '([0-9]{4})' : '([0-9]{1,2})'));
  const pattern = sqlText(`^${SPACE}${shape}([T ].*?)?${SPACE}$`);
  const part = (group: number) => `regexp_extract(${text}, ${pattern}, ${group}, 's')`;
  const two = (group: number) => `lpad(${part(group)}, 2, '0')`;
  const date = `concat(${part(year)}, '-', ${two(month)}, '-', ${two(day)}, ${part(4)})`;
  return `CASE WHEN regexp_matches(${text}, ${pattern}, 's') THEN ${date} ELSE ${text} END`;
}
