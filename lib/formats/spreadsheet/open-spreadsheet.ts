import type { CsvOptions } from '../csv-scanner.ts';
import { FormatFault } from '../format-fault.ts';
import { readDateStyles } from './cell-styles.ts';
import { readSharedTexts } from './shared-texts.ts';
import { readSheetRows } from './sheet-rows.ts';
import { readWorkbook } from './workbook.ts';
import { ZipArchive } from './zip-archive.ts';

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
  /** Names, in the order of the tabs; hidden sheets are not among them, unless all are. */
  sheets: string[];
  /** A sheet as CSV in the way of {@link SHEET_CSV}; its first row that holds something names the columns. */
  openSheet(index: number): AsyncGenerator<Uint8Array>;
}

/** Bytes are given on in pieces of about this size. */
const PIECE_CHARS = 256 << 10;

/**
 * Opens an XLSX file. Texts stay as they are, leading zeros included; numbers are written as the file has them, not as
 * the sheet shows them; dates and times in ISO form. Of a formula its last result is taken. The sheet is read as it is
 * unpacked; only the texts that cells share are held. Both throw FormatFault, mostly `corrupt_file`.
 */
export async function openSpreadsheet(file: Blob): Promise<Spreadsheet> {
  try {
    const archive = await ZipArchive.open(file);
    const book = await readWorkbook(archive);
    return {
      sheets: book.sheets.map(({ name }) => name),
      openSheet: (index) => writeSheet(archive, book, index),
    };
  } catch (cause) {
    throw faultOf(cause);
  }
}

type Workbook = Awaited<ReturnType<typeof readWorkbook>>;

async function* writeSheet(archive: ZipArchive, book: Workbook, index: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let width = 0;
  let piece = '';
  try {
    const { texts, styles, is1904 } = book;
    const sheet = book.sheets[index];
    if (sheet === undefined) throw new Error('The book has no such sheet.');
    const facts = {
      texts: texts === null ? null : await readSharedTexts(archive.read(texts)),
      dateStyles: styles === null ? new Set<number>() : await readDateStyles(archive.read(styles)),
      is1904,
    };
    for await (const rows of readSheetRows(archive.read(sheet.path), facts)) {
      for (const cells of rows) {
        if (cells.length === 0) continue;
        if (width === 0) width = cells.length;
        piece += cells.map(quote).join(',');
        // Rows end with their last filled cell: they are as wide as the header all the same.
        piece += `${','.repeat(Math.max(0, width - cells.length))}\n`;
        if (piece.length < PIECE_CHARS) continue;
        yield encoder.encode(piece);
        piece = '';
      }
    }
  } catch (cause) {
    throw faultOf(cause);
  }
  if (piece !== '') yield encoder.encode(piece);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function faultOf(cause: unknown): unknown {
  // A file that cannot be read any more is told as such by who asked for it.
  if (cause instanceof FormatFault || cause instanceof DOMException) return cause;
  return new FormatFault('corrupt_file', cause instanceof Error ? cause.message : String(cause));
}
