import { AUDIT_FIELDS, type AuditFilterValues } from '#components/access/audit-fields.ts';
import type { AuditFilters } from '#lib/api-client/create-api-client.ts';
import { addDays, startOfDay } from '#lib/i18n/zoned-days.ts';

/** No filter at all. */
export const NO_AUDIT_FILTERS = Object.fromEntries(AUDIT_FIELDS.map((name) => [name, ''])) as AuditFilterValues;

/** What an address asks of the audit: as its form shows it, and as the service is asked. Days are those of the zone. */
export function readAuditQuestion(
  search: URLSearchParams,
  timeZone: string,
): { values: AuditFilterValues; filters: AuditFilters } {
  const values = Object.fromEntries(AUDIT_FIELDS.map((name) => [name, search.get(name) ?? ''])) as AuditFilterValues;
  const startOf = (day: string, later: number) =>
    Number.isNaN(Date.parse(`${day}T00:00Z`)) ? undefined : startOfDay(addDays(day, later), timeZone);
  return {
    values,
    filters: {
      actor: values.actor || undefined,
      action: values.action || undefined,
      target: values.target || undefined,
      result: values.result === 'done' || values.result === 'refused' ? values.result : undefined,
      from: startOf(values.from, 0),
      to: startOf(values.to, 1),
    },
  };
}
