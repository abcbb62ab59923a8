import type { CsvOptions } from './csv-scanner.ts';

/** What kind of PostgreSQL type a cell goes to. */
export type TargetCategory = 'number' | 'date' | 'timestamp' | 'text';

const COMMA_NUMBER = /^([+-]?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?$/;
const FORMAT_TOKENS = /dd|mm|yyyy/g;

interface DateReader {
  pattern: RegExp;
  /** Which group of the pattern holds year, month and day. */
  groups: { yyyy: number; mm: number; dd: number };
}

const dateReaders = new Map<string, DateReader | null>();

/**
 * Rewrites a CSV cell as PostgreSQL reads it: `1.234,56` as `1234.56`, `01/03/2024` as `2024-03-01`. A text that does
 * not have the shape the options promise stays as it is, for PostgreSQL to refuse; with a decimal point numbers are
 * never touched, so `1,234` is refused rather than guessed.
 */
export function normaliseCell(
  text: string,
  options: Pick<CsvOptions, 'decimal' | 'dateFormat'>,
  category: TargetCategory,
): string {
  if (category === 'number') return options.decimal === ',' ? normaliseNumber(text) : text;
  if (category === 'date' || category === 'timestamp') return normaliseDate(text, options.dateFormat);
  return text;
}

function normaliseNumber(text: string): string {
  const match = COMMA_NUMBER.exec(text.trim());
  if (!match) return text;
  const [, sign, whole, fraction] = match as unknown as [string, string, string, string | undefined];
  return sign + whole.replaceAll('.', '') + (fraction === undefined ? '' : `.${fraction}`);
}

function normaliseDate(text: string, format: string): string {
  const reader = readerOf(format);
  const match = reader?.pattern.exec(text.trim());
  if (!reader || !match) return text;
  const { yyyy, mm, dd } = reader.groups;
  const month = (match[mm] as string).padStart(2, '0');
  const day = (match[dd] as string).padStart(2, '0');
  return `${match[yyyy]}-${month}-${day}${match[4] ?? ''}`;
}

function readerOf(format: string): DateReader | null {
  const known = dateReaders.get(format);
  if (known !== undefined) return known;
  const reader = makeReader(format.toLowerCase());
  dateReaders.set(format, reader);
  return reader;
}

/** Null for a format that does not name day, month and year once each. */
function makeReader(format: string): DateReader | null {
  const order: string[] = format.match(FORMAT_TOKENS) ?? [];
  const groups = { yyyy: order.indexOf('yyyy') + 1, mm: order.indexOf('mm') + 1, dd: order.indexOf('dd') + 1 };
  if (order.length !== 3 || !groups.yyyy || !groups.mm || !groups.dd) return null;
  const source = format
    .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    .replace(FORMAT_TOKENS, (token) => (token === 'yyyy' ? '(\\d{4})' : '(\\d{1,2})'));
  // What follows the date is a time of day, left as it is.
  return { pattern: new RegExp(`^${source}([T ].*)?$`), groups };
}
