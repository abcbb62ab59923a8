import type { OverviewPeriod } from '#lib/api-client/create-api-client.ts';
import { addDays, startOfDay } from '#lib/i18n/zoned-days.ts';

/** How many days one can look back, today included. */
export const PERIODS = [1, 7, 30, 90, 365] as const;
const DEFAULT_DAYS = 30;

/** The period that an address asks for: from the beginning of its first day in the zone until now. */
export function readOverviewPeriod(
  search: URLSearchParams,
  today: string,
  zone: string,
): { days: number; period: OverviewPeriod } {
  const asked = Number(search.get('dias'));
  const days = PERIODS.find((count) => count === asked) ?? DEFAULT_DAYS;
  return { days, period: { from: startOfDay(addDays(today, 1 - days), zone), zone } };
}
