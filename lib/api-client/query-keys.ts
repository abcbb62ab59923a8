import type { AuditFilters, JobFilters, OverviewPeriod, RowFilters } from './create-api-client.ts';

/** Keys of the pages' query cache: what begins with another's key is dropped together with it. */
export const queryKeys = {
  figuras: ['figuras'] as const,
  figura: (name: string) => ['figuras', name] as const,
  rowCount: (name: string, isExact: boolean) => ['figuras', name, 'row-count', isExact] as const,
  figuraSchema: (name: string) => ['figuras', name, 'schema'] as const,
  jobs: ['jobs'] as const,
  jobList: (filters: JobFilters) => ['jobs', 'list', filters] as const,
  jobAuthors: ['jobs', 'authors'] as const,
  job: (id: string) => ['jobs', 'one', id] as const,
  jobRows: (id: string, filters: RowFilters) => ['jobs', 'one', id, 'rows', filters] as const,
  jobHistory: (id: string) => ['jobs', 'one', id, 'history'] as const,
  jobChanges: (id: string) => ['jobs', 'one', id, 'changes'] as const,
  overview: (period: OverviewPeriod) => ['overview', period] as const,
  keys: ['keys'] as const,
  users: ['users'] as const,
  webhooks: ['webhooks'] as const,
  webhook: (id: string) => ['webhooks', id] as const,
  webhookDeliveries: (id: string) => ['webhooks', id, 'deliveries'] as const,
  audit: (filters: AuditFilters) => ['audit', filters] as const,
};
