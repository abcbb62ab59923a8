// papaparse gives '' for a field of nothing and for "" alike, and where lines end in LF nobody can tell the CR of a line
// end from one that a quoted field ends with. Before it sees the text, such quoted fields get a mark before their closing
// quote. No text can be taken for a mark: the character that marks begin with is marked itself.

/** What ends a line of a CSV file. */
export type CsvNewline = '\n' | '\r\n' | '\r';

/** A code point that is no character, and never will be. */
const MARK = '\ufdd0';
const QUOTED = `${MARK}q`;
const ITSELF = `${MARK}m`;

/** Whether fields may hold marks. */
export function hasMarks(text: string): boolean {
  return text.includes(MARK);
}

/** Keeps the mark's own character apart; every piece of a text goes through here once. */
export function keepMarks(text: string): string {
  return text.includes(MARK) ? text.replaceAll(MARK, ITSELF) : text;
}

/** A field as it was: null for one of nothing, '' for "". */
export function unmarkField(field: string): string | null {
  if (field === '') return null;
  return field.includes(MARK) ? field.replaceAll(QUOTED, '').replaceAll(ITSELF, MARK) : field;
}

/** Takes the marks of {@link markQuoted} out again. */
export function unmarkText(text: string): string {
  return text.includes(QUOTED) ? text.replaceAll(QUOTED, '') : text;
}

/**
 * Marks the quoted fields of a text that are empty or end with a CR; it begins with a row, and a field that it may end
 * inside of is left alone. Marking twice changes nothing.
 */
export function markQuoted(text: string, delimiter: string, newline: CsvNewline, isLast: boolean): string {
  const isLf = newline === '\n';
  if (!text.includes('""') && !(isLf && text.includes('\r"'))) return text;
  const parts: string[] = [];
  let taken = 0;
  for (let quote = text.indexOf('"'); quote >= 0; ) {
    const opens = quote === 0 || text[quote - 1] === delimiter || text.startsWith(newline, quote - newline.length);
    let next = quote + 1;
    if (opens) {
      const close = closingQuote(text, quote, delimiter, newline, isLast);
      if (close < 0) break;
      if (close === quote + 1 || (isLf && text[close - 1] === '\r')) {
        parts.push(text.slice(taken, close), QUOTED);
        taken = close;
      }
      next = close + 1;
    }
    quote = text.indexOf('"', next);
  }
  parts.push(text.slice(taken));
  return parts.join('');
}

/** Of two quotes the first closes the field only if the field ends after the second. */
function closingQuote(text: string, quote: number, delimiter: string, newline: CsvNewline, isLast: boolean): number {
  if (text[quote + 1] === '"' && endsField(text, quote + 2, delimiter, newline, isLast)) return quote + 1;
  let close = text.indexOf('"', quote + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  // What follows decides whether it closes.
  return close === text.length - 1 && !isLast ? -1 : close;
}

/** As papaparse has it, spaces may follow the closing quote; where lines end in LF, a CR as well. */
function endsField(text: string, start: number, delimiter: string, newline: CsvNewline, isLast: boolean): boolean {
  let at = start;
  while (text[at] === ' ' || (newline === '\n' && text[at] === '\r')) at++;
  if (at >= text.length) return isLast;
  return text[at] === delimiter || text.startsWith(newline, at);
}
