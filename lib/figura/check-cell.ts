import type { RowFaultCode } from '../job/row-faults.ts';

/** What is wrong with a text as a value of a column; null for nothing that can be told without PostgreSQL. */
export type CellCheck = (text: string) => RowFaultCode | null;

const INTEGER_ENDS: Record<string, readonly [bigint, bigint]> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};
/** Texts of so few characters are within the range of their type, whatever their digits. */
const SAFE_CHARS: Record<string, number> = { smallint: 4, integer: 9, bigint: 18 };
const WHOLE = /^\s*[+-]?\d+\s*$/;
const NUMBER = /^\s*[+-]?(?:(\d+)(?:\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;
const SPECIAL_NUMBER = /^\s*(?:nan|[+-]?inf(?:inity)?)\s*$/i;
/** Read from PostgreSQL 16 on. */
const UNUSUAL_WHOLE = /^\s*[+-]?(?:0[xob][0-9a-f_]+|\d[\d_]*)\s*$/i;
const UNUSUAL_NUMBER = /^\s*[+-]?(?:0[xob][0-9a-f_]+|[\d_]+(?:\.[\d_]*)?(?:e[+-]?[\d_]+)?)\s*$/i;
const BOOLEAN = /^\s*(?:t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|y(?:es?)?|no?|on|off?|[01])\s*$/i;
const UUID = /^\{?[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}\}?$/i;
const DAY = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(.*))?\s*$/i;
const SLASHED_DAY = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}\b/;
/** Anywhere: PostgreSQL reads over marks around them. */
const DATE_WORD = /infinity|epoch|now|today|tomorrow|yesterday|allballs/i;
const TIME = /^\s*(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?/;

/**
 * How texts of a column of this type can be checked before they are sent; null where nothing can be told (text without
 * a length, enumerations, domains, arrays). A check only calls wrong what PostgreSQL would refuse for certain.
 */
export function cellCheckOf(type: string): CellCheck | null {
  const [, base = type, modifiers] = /^([a-z][a-z ]*?)(?:\(([\d,-]+)\))?(?: with(?:out)? time zone)?$/.exec(type) ?? [];
  const [first, second] = modifiers?.split(',').map(Number) ?? [];
  if (base in INTEGER_ENDS) return integerCheck(base);
  switch (base) {
    case 'numeric':
      return numberCheck(first === undefined ? null : Math.max(0, first - (second ?? 0)));
    case 'real':
    case 'double precision':
      return numberCheck(null);
    case 'boolean':
      return (text) => (BOOLEAN.test(text) ? null : 'invalid_value');
    case 'uuid':
      return (text) => (UUID.test(text) ? null : 'invalid_value');
    case 'character':
    case 'character varying':
      return first === undefined ? null : lengthCheck(first);
    case 'date':
    case 'timestamp':
      return dateFault;
    case 'time':
      return timeFault;
    case 'json':
    case 'jsonb':
      return jsonFault;
    default:
      return null;
  }
}

function integerCheck(type: string): CellCheck {
  const [least, greatest] = INTEGER_ENDS[type] as readonly [bigint, bigint];
  const safeChars = SAFE_CHARS[type] as number;
  return (text) => {
    if (!WHOLE.test(text)) return UNUSUAL_WHOLE.test(text) ? null : 'invalid_value';
    if (text.length <= safeChars) return null;
    const value = BigInt(text.trim().replace(/^\+/, ''));
    return value < least || value > greatest ? 'value_out_of_range' : null;
  };
}

/** `wholeDigits`: how many a number may have before its point; null for any. */
function numberCheck(wholeDigits: number | null): CellCheck {
  return (text) => {
    const match = NUMBER.exec(text);
    if (!match) return SPECIAL_NUMBER.test(text) || UNUSUAL_NUMBER.test(text) ? null : 'invalid_value';
    const [, whole = '', exponent] = match;
    if (wholeDigits === null || exponent !== undefined || whole.length <= wholeDigits) return null;
    return whole.replace(/^0+/, '').length > wholeDigits ? 'value_out_of_range' : null;
  };
}

function lengthCheck(maxChars: number): CellCheck {
  return (text) => {
    if (text.length <= maxChars) return null;
    // PostgreSQL counts characters, not halves of surrogate pairs, and drops blanks that are too many.
    let chars = 0;
    for (const _ of text.trimEnd()) if (++chars > maxChars) return 'value_too_long';
    return /^ *$/.test([...text].slice(maxChars).join('')) ? null : 'value_too_long';
  };
}

/** Only the plain forms are looked into; words and other orders are left to PostgreSQL if they hold a digit. */
function dateFault(text: string): RowFaultCode | null {
  const match = DAY.exec(text);
  if (match) {
    const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
    const isDay = (month ?? 0) >= 1 && (month ?? 0) <= 12 && (day ?? 0) >= 1 && (day ?? 0) <= daysOf(year, month);
    const isTime = (hour ?? 0) <= 24 && (minute ?? 0) <= 59 && (second ?? 0) <= 60;
    return isDay && isTime && year !== 0 ? null : 'invalid_value';
  }
  // Days come first where only digits and slashes are: a load reads dates that way.
  const slashed = SLASHED_DAY.exec(text);
  if (slashed) return Number(slashed[2]) > 12 ? 'invalid_value' : null;
  return /\d/.test(text) || DATE_WORD.test(text) ? null : 'invalid_value';
}

function daysOf(year = 0, month = 0): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function timeFault(text: string): RowFaultCode | null {
  const match = TIME.exec(text);
  if (!match) return /\d/.test(text) || DATE_WORD.test(text) ? null : 'invalid_value';
  const [hour, minute, second] = match.slice(1, 4).map((part) => Number(part ?? 0));
  return (hour ?? 0) <= 24 && (minute ?? 0) <= 59 && (second ?? 0) <= 60 ? null : 'invalid_value';
}

function jsonFault(text: string): RowFaultCode | null {
  try {
    JSON.parse(text);
    return null;
  } catch {
    return 'invalid_value';
  }
}
