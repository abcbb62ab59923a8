import { attributeOf, readXml } from './read-xml.ts';

/** Formats that every book has without writing them down, and that show a number as a date or a time. */
const DATE_FORMATS = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
] as const;

/** Tells by the number of a style whether it shows numbers as dates or times. */
export async function readDateStyles(pieces: AsyncIterable<Uint8Array>): Promise<ReadonlySet<number>> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let isCellStyle = false;
  const listener = {
    open(name: string, attributes: Record<string, string>) {
      const id = Number(attributeOf(attributes, 'numFmtId') ?? 0);
      if (name === 'numFmt') codes.set(id, attributeOf(attributes, 'formatCode') ?? '');
      else if (name === 'cellXfs') isCellStyle = true;
      else if (name === 'xf' && isCellStyle) formats.push(id);
    },
    text() {},
    close(name: string) {
      if (name === 'cellXfs') isCellStyle = false;
    },
  };
  for await (const _ of readXml(pieces, listener));
  const isDate = (id: number) => {
    const code = codes.get(id);
    return code === undefined ? DATE_FORMATS.some(([from, to]) => id >= from && id <= to) : isDateFormat(code);
  };
  return new Set(formats.flatMap((id, style) => (isDate(id) ? [style] : [])));
}

/** Whether a format as people write it (`dd/mm/yyyy`, `[h]:mm`, `#,##0.00`) shows a date or a time. */
function isDateFormat(code: string): boolean {
  const shown = code
    // What is written as it stands: quoted, escaped, as wide as a character, repeated.
    .replace(/"[^"]*"|\\.|[*_]./g, '')
    // Colours, conditions, currencies; elapsed hours, minutes and seconds stay.
    .replace(/\[(?!(?:h+|m+|s+)\])[^\]]*\]/gi, '')
    .replace(/general/gi, '');
  return /[dmyhs]/i.test(shown);
}

/** The last day that spreadsheets know, and what goes beyond it. */
const MAX_SERIAL = 2_958_466;
const DAY_SECONDS = 86_400;

/**
 * A number that is shown as a date, in ISO form: the day, the time, or both. null for what no spreadsheet shows as one.
 * Milliseconds stand where there are any.
 * @param is1904 whether the book counts from 1904 instead of 1900
 */
export function dateText(serial: number, is1904: boolean): string | null {
  if (!(serial >= 0 && serial < MAX_SERIAL)) return null;
  // Spreadsheets believe in a 29th of February of 1900, day 60: from there on their count is one day ahead.
  const epoch = is1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, serial < 60 ? 31 : 30);
  const milliseconds = Math.round(serial * DAY_SECONDS * 1000);
  const [day, rest] = new Date(epoch + milliseconds).toISOString().split('T') as [string, string];
  const time = rest.replace(/(?:\.000)?Z$/, '');
  // Less than a day is a time of day.
  if (serial < 1) return time;
  return time === '00:00:00' ? day : `${day}T${time}`;
}
