// Escape sequences of a file's cell or a server's message would be carried out by the terminal: colours at best, a
// forged line or a changed title at worst. C0, DEL, C1, and the marks that turn the direction of writing around.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Text from outside as a terminal may show it, on one line; `maxLength` cuts it with an ellipsis. */
export function printable(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const shown = text.replace(UNPRINTABLE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return `\\u{${character.charCodeAt(0).toString(16)}}`;
  });
  if (shown.length <= maxLength) return shown;
  // By code points, so that no half of a pair is left.
  return `${Array.from(shown.slice(0, maxLength)).slice(0, -1).join('')}…`;
}

/** Columns of a terminal that a text takes: marks that combine take none, East Asian wide characters and emoji two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.normalize('NFC')) {
    if (/\p{Mark}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Rows as columns of even width, two blanks between; `right` names the columns that hold numbers. */
export function formatTable(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const blanks = ' '.repeat((widths[index] ?? 0) - displayWidth(cell));
        return right.includes(index) ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd(),
  );
}
