import type { AvroLogical } from './avro-schema.ts';

// Text of Avro's logical values as PostgreSQL reads them. Dates reach further than those of JavaScript.

/** A date of the proleptic Gregorian calendar, days counted from 1970-01-01; years before 1 as `… BC`. */
function splitDate(days: number): { date: string; era: string } {
  // Days since 0000-03-01, in eras of 400 years; after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const shown = String(year > 0 ? year : 1 - year).padStart(4, '0');
  const two = (value: number) => String(value).padStart(2, '0');
  return { date: `${shown}-${two(month)}-${two(day)}`, era: year > 0 ? '' : ' BC' };
}

/** `date` of days since 1970-01-01. */
export function dateText(days: number): string {
  const { date, era } = splitDate(days);
  return date + era;
}

/** Time of day; what is outside a day is written so that PostgreSQL refuses it. */
export function timeText(value: bigint, unitsPerSecond: bigint): string {
  if (value < 0n) return `-${timeText(-value, unitsPerSecond)}`;
  const seconds = value / unitsPerSecond;
  const two = (part: bigint) => String(part).padStart(2, '0');
  const time = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  const rest = value % unitsPerSecond;
  if (rest === 0n) return time;
  const digits = String(rest).padStart(String(unitsPerSecond).length - 1, '0');
  return `${time}.${digits.replace(/0+$/, '')}`;
}

/** A point in time; `style` is PostgreSQL's spelling or RFC 3339. */
export function timestampText(value: bigint, logical: AvroLogical, style: 'postgres' | 'iso'): string {
  if (logical.name !== 'timestamp' && logical.name !== 'local-timestamp') return String(value);
  const unitsPerDay = logical.unitsPerSecond * 86_400n;
  const timeOfDay = ((value % unitsPerDay) + unitsPerDay) % unitsPerDay;
  const { date, era } = splitDate(Number((value - timeOfDay) / unitsPerDay));
  const time = timeText(timeOfDay, logical.unitsPerSecond);
  const isUtc = logical.name === 'timestamp';
  if (style === 'iso' && era === '') return `${date}T${time}${isUtc ? 'Z' : ''}`;
  return `${date} ${time}${isUtc ? '+00' : ''}${era}`;
}

/** A big-endian two's-complement integer of any length, with the decimal point `scale` digits from the right. */
export function decimalText(bytes: Buffer, scale: number): string {
  const unsigned = bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
  const value = BigInt.asIntN(bytes.length * 8, unsigned);
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Months, days and milliseconds, three little-endian numbers, as an interval. */
export function durationText(bytes: Buffer): string {
  const milliseconds = bytes.readUInt32LE(8);
  const seconds = `${Math.floor(milliseconds / 1000)}.${String(milliseconds % 1000).padStart(3, '0')}`;
  return `${bytes.readUInt32LE(0)} mons ${bytes.readUInt32LE(4)} days ${seconds} secs`;
}

/** Sixteen bytes as a UUID. */
export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The shortest text that reads back as the same double. */
export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The shortest text that reads back as the same 32-bit float. */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return doubleText(value);
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return doubleText(rounded);
  }
  return doubleText(Number(value.toPrecision(9)));
}
