// How numbers, sizes, spans and moments are written. Pure: the same in a browser, a route handler and the command.
import type { Locale } from './locales.ts';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A whole or broken number with the language's separators: `1.234.567`. */
export function formatNumber(locale: Locale, value: number, maximumFractionDigits = 0): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits }).format(value);
}

/** What a spreadsheet of the language expects between the cells of a CSV file: not its decimal mark. */
export function csvDelimiter(locale: Locale): ',' | ';' {
  return formatNumber(locale, 1.5, 1).includes(',') ? ';' : ',';
}

/** A size in the largest binary unit that leaves at least 1: `1,5 MiB`. */
export function formatBytes(locale: Locale, bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(locale, value, unit === 0 || value >= 100 ? 0 : 1)} ${BYTE_UNITS[unit]}`;
}

/** A span of time, as coarse as reads well: `320 ms`, `4,2 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(locale: Locale, milliseconds: number): string {
  if (milliseconds < 1000) return `${formatNumber(locale, milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${formatNumber(locale, seconds, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${formatNumber(locale, Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** A moment to the minute, `22/11/2026 14:05`; with `style: 'full'` also seconds and the zone, `… 14:05:09 GMT-3`. */
export function formatMoment(
  locale: Locale,
  moment: string | Date,
  options: { timeZone?: string; style?: 'short' | 'full' } = {},
): string {
  const isFull = options.style === 'full';
  // English readers are spread over month-first and day-first countries: en-GB's day/month/year with 24 hours reads
  // the same as the Portuguese page, so a time copied from one language is not misread in the other.
  const parts = new Intl.DateTimeFormat(locale === 'en' ? 'en-GB' : locale, {
    timeZone: options.timeZone,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(isFull ? { second: '2-digit', timeZoneName: 'shortOffset' } : {}),
  }).formatToParts(typeof moment === 'string' ? new Date(moment) : moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((found) => found.type === type)?.value ?? '';
  const clock = `${part('hour')}:${part('minute')}${isFull ? `:${part('second')} ${part('timeZoneName')}` : ''}`;
  return `${part('day')}/${part('month')}/${part('year')} ${clock}`;
}

/** A calendar day, `22/11/2026` for `2026-11-22`; what is no day stays as it is. */
export function formatDay(locale: Locale, day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? day : formatMoment(locale, date, { timeZone: 'UTC' }).split(' ')[0]!;
}

const RELATIVE_STEPS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** How long ago a moment was, as coarse as reads well: `há 5 min.`, `ontem`; the clocks of two machines may differ. */
export function formatAgo(locale: Locale, moment: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(moment)) / 1000);
  const [unit, size] = RELATIVE_STEPS.find(([, size]) => seconds >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }).format(
    -Math.floor(seconds / size),
    unit,
  );
}

/** The zone times are shown in, by name and present offset: `America/Sao_Paulo (GMT-3)`. */
export function formatTimeZone(locale: Locale, timeZone: string): string {
  const offset = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'shortOffset' })
    .formatToParts(new Date())
    .find((found) => found.type === 'timeZoneName')?.value;
  return offset === undefined ? timeZone : `${timeZone} (${offset})`;
}
