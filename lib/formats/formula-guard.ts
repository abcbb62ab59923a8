/** What the download of rejected rows adds to the file's own columns; ignored when the mended file is sent again. */
export const ADDED_COLUMNS = ['_row', '_column', '_code', '_message'] as const;

// The full-width signs count where a spreadsheet runs in Japanese or Chinese. A text that only looks guarded already is
// guarded too, or nobody could tell it from one that is.
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?\d+([.,]\d+)*(e[+-]?\d+)?$/i;

/**
 * Puts an apostrophe before a text that a spreadsheet would run as a formula; not before a plain number, or every
 * negative coordinate would be none any more.
 */
export function guardFormula(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

/** The text that {@link guardFormula} was given. */
export function unguardFormula(text: string): string {
  return text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
}

/** Whether a file has the columns of a download of rejected rows, whose texts are guarded where it is CSV. */
export function hasAddedColumns(columns: readonly string[]): boolean {
  return ADDED_COLUMNS.every((name) => columns.includes(name));
}
