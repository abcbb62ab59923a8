// A string, passed over whole, or a number that jsonb may refuse.
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/gs;

const ESCAPE = /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|.)/gs;

/** PostgreSQL's numeric ends at 131,072 digits; nobody writes half as many in earnest. */
const MAX_NUMBER_CHARS = 1000;
const LARGE_EXPONENT = /[eE][+-]?0*\d{4,}$/;

// What all that follows looks for, at a tenth of its cost: nearly no row has any of it.
const MAY_BE_REFUSED = /\\u|[\d.]{1000}|[eE][+-]?\d{4}/;

/**
 * JSON that jsonb can store, whatever stood in the file: U+0000 is shown as U+2400 (␀), half of a surrogate pair as
 * U+FFFD, and numbers beyond any type of PostgreSQL as strings.
 */
export function storableJson(json: string): string {
  const wellFormed = json.replaceAll('\0', '␀').toWellFormed();
  if (!MAY_BE_REFUSED.test(wellFormed)) return wellFormed;
  return wellFormed.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"')) return token.includes('\\') ? token.replace(ESCAPE, storableEscape) : token;
    return token.length > MAX_NUMBER_CHARS || LARGE_EXPONENT.test(token) ? `"${token}"` : token;
  });
}

function storableEscape(escaped: string): string {
  if (escaped === '\\u0000') return '␀';
  return escaped.length === 6 && /^\\u[dD][89a-fA-F]/.test(escaped) ? '\ufffd' : escaped;
}
