import { strFromU8, unzipSync } from 'fflate';
import { streamXlsxRows } from 'hucre/xlsx';
import type { CsvOptions } from './csv-scanner.ts';
import { FormatFault } from './format-fault.ts';

/** How {@link Spreadsheet.openSheet} writes a sheet. */
export const SHEET_CSV: CsvOptions = {
  delimiter: ',',
  encoding: 'utf-8',
  decimal: '.',
  dateFormat: 'yyyy-mm-dd',
  header: true,
  newline: '\n',
};

export interface Spreadsheet {
  /** Names, in the order of the tabs. */
  sheets: string[];
  /** A sheet as CSV in the way of {@link SHEET_CSV}; its first row that holds something names the columns. */
  openSheet(index: number): AsyncGenerator<Uint8Array>;
}

type Value = string | number | boolean | Date | null | undefined;

const WORKBOOK = 'xl/workbook.xml';
/** A list of sheets has some kilobytes; what unpacks to more is an attack. */
const MAX_WORKBOOK_BYTES = 16 << 20;

/** Bytes are given on in pieces of about this size. */
const PIECE_CHARS = 256 << 10;

/** Days before this are times of day: spreadsheets count from the end of 1899. */
const FIRST_DAY = Date.UTC(1900, 0, 1);

/**
 * Opens an XLSX file. Texts stay as they are, leading zeros included; numbers are written as the file has them, not as
 * the sheet shows them; dates and times in ISO form. Of a formula its last result is taken.
 * @throws FormatFault `corrupt_file`
 */
export async function openSpreadsheet(bytes: Uint8Array): Promise<Spreadsheet> {
  const sheets = await orCorrupt(async () => readSheetNames(bytes));
  return { sheets, openSheet: (index) => writeSheet(bytes, index) };
}

/** The list of sheets is a small file of its own; the library reads every text of the book before it tells them. */
function readSheetNames(bytes: Uint8Array): string[] {
  const files = unzipSync(bytes, {
    filter: ({ name, originalSize }) => name === WORKBOOK && originalSize <= MAX_WORKBOOK_BYTES,
  });
  const workbook = files[WORKBOOK];
  if (workbook === undefined) throw new Error('The archive holds no workbook.');
  const names = strFromU8(workbook).matchAll(/<(?:\w+:)?sheet\s[^>]*?\bname=(?:"([^"]*)"|'([^']*)')/g);
  return Array.from(names, ([, double, single]) => decodeEntities(double ?? single ?? ''));
}

function decodeEntities(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

async function* writeSheet(bytes: Uint8Array, sheet: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const rows = streamXlsxRows(bytes, { sheet });
  let width = 0;
  let piece = '';
  for (;;) {
    const { done, value } = await orCorrupt(() => rows.next());
    if (done) break;
    const cells = (value.values as Value[]).map(cellText);
    let length = cells.length;
    while (length > 0 && cells[length - 1] === '') length--;
    if (length === 0) continue;
    if (width === 0) width = length;
    // Rows end with their last filled cell: they are as wide as the header all the same.
    const padded = Array.from({ length: Math.max(width, length) }, (_, index) => quote(cells[index] ?? ''));
    piece += `${padded.join(',')}\n`;
    if (piece.length < PIECE_CHARS) continue;
    yield encoder.encode(piece);
    piece = '';
  }
  if (piece !== '') yield encoder.encode(piece);
}

function cellText(value: Value): string {
  if (value === null || value === undefined) return '';
  if (!(value instanceof Date)) return String(value);
  if (Number.isNaN(value.getTime())) return '';
  const [day, time] = value.toISOString().slice(0, 19).split('T') as [string, string];
  if (value.getTime() < FIRST_DAY) return time;
  return time === '00:00:00' ? day : `${day}T${time}`;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function orCorrupt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new FormatFault('corrupt_file', cause instanceof Error ? cause.message : String(cause));
  }
}
