// What the pages ask for, each question with its key: a page asks it on the server, before it is sent, and the browser
// goes on with the answer.
import type { JobHistoryDto } from '#lib/api/insight-schemas.ts';
import type { JobDto } from '#lib/api/schemas.ts';
import type { CallOptions, PageOptions } from './call-route.ts';
import {
  type ApiClient,
  type AuditFilters,
  type JobFilters,
  listAll,
  type OverviewPeriod,
  type RowFilters,
} from './create-api-client.ts';
import { queryKeys } from './query-keys.ts';

/** Lists of dozens are asked for whole. */
const ALL_ROWS = 1000;

interface PageCall extends CallOptions {
  pageParam: string | undefined;
}

const byCursor = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { nextCursor: string | null }) => page.nextCursor ?? undefined,
};

/** Every figura the person may see. */
export const figurasQuery = (client: ApiClient) => ({
  queryKey: queryKeys.figuras,
  queryFn: (call: CallOptions) => whole((page) => client.listFiguras(page, { signal: call.signal })),
});

/** One figura. */
export const figuraQuery = (client: ApiClient, name: string) => ({
  queryKey: queryKeys.figura(name),
  queryFn: ({ signal }: CallOptions) => client.getFigura(name, { signal }),
});

/** How many rows a figura's table has. */
export const rowCountQuery = (client: ApiClient, figura: string, exact: boolean) => ({
  queryKey: queryKeys.rowCount(figura, exact),
  queryFn: ({ signal }: CallOptions) => client.countRows(figura, { exact }, { signal }),
});

/** A page of the list of jobs. */
export const jobListQuery = (client: ApiClient, filters: JobFilters) => ({
  queryKey: queryKeys.jobList(filters),
  queryFn: ({ signal }: CallOptions) => client.listJobs(filters, { signal }),
});

/** Names to narrow the list of jobs by. */
export const jobAuthorsQuery = (client: ApiClient) => ({
  queryKey: queryKeys.jobAuthors,
  queryFn: async ({ signal }: CallOptions) => (await client.listJobAuthors({ signal })).names,
});

/** Events, samples and counts of a job as it stands. */
export const jobHistoryQuery = (client: ApiClient, job: JobDto) => ({
  queryKey: [...queryKeys.jobHistory(job.id), job.status, job.attempts],
  queryFn: ({ signal }: CallOptions): Promise<JobHistoryDto> => client.getJobHistory(job.figura, job.id, { signal }),
});

/** Rejected or skipped rows of a job, page by page. */
export const jobRowsQuery = (client: ApiClient, job: JobDto, filters: RowFilters) => ({
  queryKey: queryKeys.jobRows(job.id, filters),
  queryFn: ({ pageParam, signal }: PageCall) =>
    client.listRows(job.figura, job.id, { ...filters, cursor: pageParam }, { signal }),
  ...byCursor,
});

/** Some of the rows that a simulation would change. */
export const jobChangesQuery = (client: ApiClient, job: JobDto) => ({
  queryKey: queryKeys.jobChanges(job.id),
  queryFn: ({ signal }: CallOptions) => client.listChanges(job.figura, job.id, { signal }),
});

/** How the loads of a period went. */
export const overviewQuery = (client: ApiClient, period: OverviewPeriod) => ({
  queryKey: queryKeys.overview(period),
  queryFn: ({ signal }: CallOptions) => client.getOverview(period, { signal }),
});

/** Every API key. */
export const keysQuery = (client: ApiClient) => ({
  queryKey: queryKeys.keys,
  queryFn: (call: CallOptions) => whole((page) => client.listKeys(page, { signal: call.signal })),
});

/** Everybody who may sign in. */
export const usersQuery = (client: ApiClient) => ({
  queryKey: queryKeys.users,
  queryFn: (call: CallOptions) => whole((page) => client.listUsers(page, { signal: call.signal })),
});

/** Every webhook. */
export const webhooksQuery = (client: ApiClient) => ({
  queryKey: queryKeys.webhooks,
  queryFn: (call: CallOptions) => whole((page) => client.listWebhooks(page, { signal: call.signal })),
});

/** One webhook. */
export const webhookQuery = (client: ApiClient, id: string) => ({
  queryKey: queryKeys.webhook(id),
  queryFn: ({ signal }: CallOptions) => client.getWebhook(id, { signal }),
});

/** What a webhook was told, page by page. */
export const deliveriesQuery = (client: ApiClient, id: string) => ({
  queryKey: queryKeys.webhookDeliveries(id),
  queryFn: ({ pageParam, signal }: PageCall) =>
    client.listWebhookDeliveries(id, { limit: 25, cursor: pageParam }, { signal }),
  ...byCursor,
});

/** The audit, page by page. */
export const auditQuery = (client: ApiClient, filters: AuditFilters) => ({
  queryKey: queryKeys.audit(filters),
  queryFn: ({ pageParam, signal }: PageCall) =>
    client.listAudit({ ...filters, limit: 50, cursor: pageParam }, { signal }),
  ...byCursor,
});

function whole<T>(list: (page: PageOptions) => Promise<{ items: T[]; nextCursor: string | null }>): Promise<T[]> {
  return Array.fromAsync(listAll((page) => list({ limit: ALL_ROWS, ...page })));
}
