import type { JobFilterValues } from '#components/jobs/job-filters.tsx';
import type { JobOrder } from '#components/jobs/job-table.tsx';
import type { JobFilters } from '#lib/api-client/create-api-client.ts';
import { addDays, startOfDay } from '#lib/i18n/zoned-days.ts';
import { JOB_SORTS } from '#lib/job/job-sorts.ts';
import { JOB_STATUSES, type JobStatus } from '#lib/job/job-states.ts';

const PAGE_ROWS = 50;

/** What the address of the list asks: as its form shows it, and as the service is asked. */
export interface JobListQuestion {
  values: JobFilterValues;
  order: JobOrder;
  filters: JobFilters;
}

/** Reads filters, order and page from an address; days are those of the zone. */
export function readJobListQuestion(search: URLSearchParams, timeZone: string): JobListQuestion {
  const values = readValues(search);
  const sort = JOB_SORTS.find((name) => name === search.get('sort')) ?? 'createdAt';
  const order: JobOrder = { sort, order: search.get('order') === 'asc' ? 'asc' : 'desc' };
  const filters: JobFilters = {
    status: values.status || undefined,
    figura: values.figura || undefined,
    q: values.q || undefined,
    createdBy: values.author || undefined,
    ...order,
    from: values.from ? startOfDay(values.from, timeZone) : undefined,
    to: values.to ? startOfDay(addDays(values.to, 1), timeZone) : undefined,
    cursor: search.get('cursor') ?? undefined,
    limit: PAGE_ROWS,
  };
  return { values, order, filters };
}

function readValues(search: URLSearchParams): JobFilterValues {
  const status = search.get('status') as JobStatus | null;
  return {
    status: status !== null && JOB_STATUSES.includes(status) ? status : '',
    figura: search.get('figura') ?? '',
    q: search.get('q') ?? '',
    author: search.get('author') ?? '',
    from: dayIn(search.get('from')),
    to: dayIn(search.get('to')),
  };
}

function dayIn(text: string | null): string {
  return text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : '';
}
