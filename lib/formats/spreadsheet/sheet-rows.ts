import { dateText } from './cell-styles.ts';
import { readXml, type XmlListener } from './read-xml.ts';
import { type SharedTexts, unescapeText } from './shared-texts.ts';

/** What the cells of a sheet refer to. */
export interface BookFacts {
  texts: SharedTexts | null;
  /** Numbers of the styles that show numbers as dates. */
  dateStyles: ReadonlySet<number>;
  is1904: boolean;
}

/** Excel's last column is XFD. */
const MAX_COLUMNS = 16_384;
const MAX_TEXT_CHARS = 1 << 20;

/**
 * The rows of a sheet, in lots as its bytes come: each cell as text, empty ones as empty texts, up to the last cell of
 * the row. A formula counts by its last result. Throws for what is no sheet.
 */
export async function* readSheetRows(pieces: AsyncIterable<Uint8Array>, book: BookFacts): AsyncGenerator<string[][]> {
  const reader = new SheetReader(book);
  for await (const _ of readXml(pieces, reader)) {
    if (reader.rows.length > 0) yield reader.rows.splice(0);
  }
}

class SheetReader implements XmlListener {
  readonly rows: string[][] = [];
  readonly #book: BookFacts;
  #isData = false;
  #cells: string[] = [];
  #column = 0;
  #type = '';
  #style = 0;
  #text = '';
  #isText = false;
  #isPhonetic = false;

  constructor(book: BookFacts) {
    this.#book = book;
  }

  open(name: string, attributes: Record<string, string>): void {
    if (name === 'sheetData') this.#isData = true;
    else if (!this.#isData) return;
    else if (name === 'row') this.#beginRow();
    else if (name === 'c') this.#beginCell(attributes);
    else if (name === 'v') this.#isText = true;
    // Of a text within the cell; what says how to pronounce it is not of it.
    else if (name === 't') this.#isText = !this.#isPhonetic;
    else if (name === 'rPh') this.#isPhonetic = true;
  }

  text(part: string): void {
    if (!this.#isText) return;
    this.#text += part;
    if (this.#text.length > MAX_TEXT_CHARS) throw new Error('A cell of the sheet is too long.');
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#isText = false;
    else if (name === 'rPh') this.#isPhonetic = false;
    else if (name === 'c') this.#endCell();
    else if (name === 'row') this.rows.push(this.#cells);
    else if (name === 'sheetData') this.#isData = false;
  }

  #beginRow(): void {
    this.#cells = [];
    this.#column = 0;
  }

  #beginCell({ r, t, s }: Record<string, string>): void {
    // Where a cell does not say its place, it follows the one before.
    if (r !== undefined) this.#column = columnOf(r);
    this.#type = t ?? 'n';
    this.#style = Number(s ?? -1);
    this.#text = '';
  }

  #endCell(): void {
    const text = this.#cellText();
    if (text !== '') {
      if (this.#column >= MAX_COLUMNS) throw new Error('A row of the sheet has too many cells.');
      while (this.#cells.length < this.#column) this.#cells.push('');
      this.#cells[this.#column] = text;
    }
    this.#column += 1;
  }

  #cellText(): string {
    const text = this.#text;
    if (text === '') return '';
    switch (this.#type) {
      case 's':
        return this.#book.texts?.get(Number(text)) ?? '';
      case 'str':
      case 'inlineStr':
        return unescapeText(text);
      case 'b':
        return text === '1' || text.toLowerCase() === 'true' ? 'true' : 'false';
      case 'n':
        return this.#numberText(text);
      // Errors (#N/A) and days in ISO form.
      default:
        return text;
    }
  }

  #numberText(text: string): string {
    const number = Number(text);
    if (Number.isNaN(number)) return text;
    const date = this.#book.dateStyles.has(this.#style) ? dateText(number, this.#book.is1904) : null;
    if (date !== null) return date;
    // A whole number has more digits than JavaScript keeps where its writer did not count with doubles.
    return /^-?\d+$/.test(text) ? text : String(number);
  }
}

/** The column of a reference as `AB12`, from 0. */
function columnOf(reference: string): number {
  let column = 0;
  for (let at = 0; at < reference.length; at++) {
    const letter = reference.charCodeAt(at) & ~0x20;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
  }
  if (column < 1 || column > MAX_COLUMNS) throw new Error(`${reference} is no cell of a sheet.`);
  return column - 1;
}
