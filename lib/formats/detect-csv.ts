import Papa from 'papaparse';
import type { CsvOptions } from './csv-scanner.ts';
import type { CsvNewline } from './quoted-fields.ts';

/** In the order preferred when several fit; spreadsheets set to Portuguese write the semicolon. */
const DELIMITERS = [';', ',', '\t', '|'];

/** Enough rows to tell a delimiter and a date format, few enough to look at while a file is being chosen. */
const SAMPLE_ROWS = 200;

const DATE = /^(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?:[T ]\d.*)?$/;

/** Says how the CSV file that begins with `head` is written; a few kilobytes suffice, 64 KiB are plenty. */
export function detectCsv(head: Uint8Array): CsvOptions {
  const encoding = detectEncoding(head);
  const text = decodeHead(head, encoding);
  const newline = detectNewline(text);
  const { delimiter, rows } = detectDelimiter(text, newline);
  const header = looksLikeHeader(rows);
  const cells = rows.slice(header ? 1 : 0).flat();
  return {
    delimiter,
    encoding,
    decimal: detectDecimal(cells),
    dateFormat: detectDateFormat(cells),
    header,
    newline,
  };
}

function detectEncoding(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  // Without a mark, UTF-16 of western text shows as a zero in every other byte.
  const zeros = [0, 0];
  for (const [index, byte] of head.subarray(0, 1024).entries()) {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] as number) + 1;
  }
  const half = Math.min(head.length, 1024) / 2;
  if (half >= 2 && (zeros[1] as number) > half * 0.5) return 'utf-16le';
  if (half >= 2 && (zeros[0] as number) > half * 0.5) return 'utf-16be';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

function decodeHead(head: Uint8Array, encoding: string): string {
  const text = new TextDecoder(encoding).decode(head, { stream: true });
  const lastBreak = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
  // The last row may be cut off; of a few rows none is given away.
  const isLong = text.length > 4096 && lastBreak > 0;
  return isLong ? text.slice(0, lastBreak) : text;
}

/** The first line break outside quotes decides. */
function detectNewline(text: string): CsvNewline {
  let isQuoted = false;
  for (let position = 0; position < text.length; position++) {
    const mark = text[position];
    if (mark === '"') isQuoted = !isQuoted;
    else if (!isQuoted && mark === '\n') return '\n';
    else if (!isQuoted && mark === '\r') return text[position + 1] === '\n' ? '\r\n' : '\r';
  }
  return '\n';
}

/** The delimiter that cuts most rows to the width of the first; between equals the one that makes more fields. */
function detectDelimiter(text: string, newline: CsvNewline): { delimiter: string; rows: string[][] } {
  let best = { delimiter: ';', rows: [] as string[][], score: -2 };
  for (const delimiter of DELIMITERS) {
    const parsed = new Papa.Parser({ delimiter, newline, preview: SAMPLE_ROWS }).parse(text, 0, false);
    const rows = (parsed.data as string[][]).filter((row) => row.length > 1 || row[0]?.trim() !== '');
    const width = rows[0]?.length ?? 0;
    const agreeing = rows.filter((row) => row.length === width).length / Math.max(rows.length, 1);
    // One column always agrees with itself (score 1): a table wins if most of its rows agree, and clearly if nearly all.
    const base = width === 1 ? 0 : agreeing >= 0.8 ? 2 : agreeing >= 0.4 ? 1 : -1;
    const score = base + agreeing + width / 10_000;
    if (score > best.score) best = { delimiter, rows, score };
  }
  return best;
}

function isNumberLike(text: string): boolean {
  return /^[+-]?[\d.,]*\d[\d.,]*$/.test(text.trim());
}

function isValue(field: string): boolean {
  return isNumberLike(field) || DATE.test(field) || /^(true|false)$/i.test(field);
}

/**
 * A header names: each field once, none of them a number or a date. Some name years or numbered answers (`uf;2023;2024`):
 * then a word has to stand above a column of numbers or dates, which in a row of data it would not.
 */
function looksLikeHeader([first = [], ...below]: string[][]): boolean {
  const named = first.map((field) => field.trim()).filter((field) => field !== '');
  if (named.length === 0 || new Set(named).size !== named.length) return false;
  if (named.some(isValue)) {
    return first.some((field, column) => {
      const values = below.map((row) => (row[column] ?? '').trim()).filter((cell) => cell !== '');
      return field.trim() !== '' && !isValue(field.trim()) && values.length > 0 && values.every(isValue);
    });
  }
  // A row of only texts above rows of only texts could be either; files without a header are the rare case.
  return below.length === 0 || named.length >= first.length / 2;
}

function detectDecimal(cells: string[]): '.' | ',' {
  let commas = 0;
  let points = 0;
  for (const cell of cells) {
    const text = cell.trim();
    if (!isNumberLike(text)) continue;
    if (/^[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+$/.test(text)) commas++;
    else if (/^[+-]?(\d{1,3}(,\d{3})+|\d+)\.\d+$/.test(text)) points++;
  }
  return commas > points ? ',' : '.';
}

/** Days above 12 tell day from month; where none does, the day comes first, as in Brazil. */
function detectDateFormat(cells: string[]): string {
  const seen = new Map<string, number>();
  for (const cell of cells) {
    const match = DATE.exec(cell.trim());
    if (!match) continue;
    const [, first, separator, second, third] = match as unknown as [string, string, string, string, string];
    let format = '';
    if (first.length === 4) format = ['yyyy', 'mm', 'dd'].join(separator);
    else if (third.length !== 4 || first.length > 2) continue;
    else if (Number(second) > 12) format = ['mm', 'dd', 'yyyy'].join(separator);
    else format = ['dd', 'mm', 'yyyy'].join(separator);
    // One certain date outweighs any number of doubtful ones; those that begin with the year need no format, and must not
    // hide that another column does.
    const weight = first.length === 4 ? 0 : Number(first) > 12 || Number(second) > 12 ? 1_000_000 : 1;
    seen.set(format, (seen.get(format) ?? 0) + weight);
  }
  const [best] = [...seen].sort((one, other) => other[1] - one[1]);
  return best?.[0] ?? 'yyyy-mm-dd';
}
