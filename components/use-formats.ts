'use client';

import { useLocale, useTimeZone } from 'next-intl';
import { useMemo } from 'react';
import {
  csvDelimiter,
  formatAgo,
  formatBytes,
  formatDay,
  formatDuration,
  formatMoment,
  formatNumber,
  formatTimeZone,
} from '#lib/i18n/format.ts';

/** Numbers, sizes, spans and moments in the page's language and the browser's zone. */
export function useFormats() {
  const locale = useLocale();
  const timeZone = useTimeZone() ?? 'UTC';
  return useMemo(
    () => ({
      number: (value: number, digits = 0) => formatNumber(locale, value, digits),
      bytes: (value: number) => formatBytes(locale, value),
      duration: (milliseconds: number) => formatDuration(locale, milliseconds),
      ago: (moment: string, now: number) => formatAgo(locale, moment, now),
      moment: (moment: string) => formatMoment(locale, moment, { timeZone }),
      momentFull: (moment: string) => formatMoment(locale, moment, { timeZone, style: 'full' }),
      /** A calendar day such as `2026-11-22`, which has no zone. */
      day: (day: string) => formatDay(locale, day),
      /** Between the cells of a CSV file, for spreadsheets of the page's language. */
      csvDelimiter: csvDelimiter(locale),
      zone: () => formatTimeZone(locale, timeZone),
    }),
    [locale, timeZone],
  );
}
