import type { z } from 'zod';
import type {
  acceptAccessLinkSchema,
  accessLinkHolderSchema,
  accessLinkSchema,
  auditEntrySchema,
  ChangeDto,
  ChangeFiguraDto,
  CompletedUploadDto,
  CreateFiguraDto,
  CreateUploadDto,
  changeProfileSchema,
  changeUserSchema,
  completeUploadSchema,
  createdKeySchema,
  createKeySchema,
  createUserSchema,
  EnqueueDto,
  EnqueuedDto,
  FiguraDto,
  inspectAccessLinkSchema,
  JobDto,
  keySchema,
  PageDto,
  RowCountDto,
  RowDto,
  UploadDto,
  UploadTicketDto,
  userSchema,
} from '#lib/api/schemas.ts';
import type { JobStatus } from '#lib/job/job-states.ts';
import {
  type ConnectionOptions,
  createSendRequest,
  readJson,
  readNothing,
  routeUrl,
  type SendRequest,
} from './send-request.ts';
import { type WatchOptions, watchJob } from './watch-job.ts';
import { webhookCalls } from './webhook-calls.ts';

export type CompleteUploadDto = z.infer<typeof completeUploadSchema>;
export type KeyDto = z.infer<typeof keySchema>;
export type CreateKeyDto = z.infer<typeof createKeySchema>;
export type CreatedKeyDto = z.infer<typeof createdKeySchema>;

export type UserDto = z.infer<typeof userSchema>;
export type CreateUserDto = z.input<typeof createUserSchema>;
export type ChangeUserDto = z.infer<typeof changeUserSchema>;
export type AccessLinkDto = z.infer<typeof accessLinkSchema>;
export type AuditEntryDto = z.infer<typeof auditEntrySchema>;

/** What every call takes besides its own arguments. */
export interface CallOptions {
  signal?: AbortSignal;
}
/** Which part of a list; `cursor` is the `nextCursor` of the page before. */
export interface PageOptions {
  limit?: number;
  cursor?: string;
}
/** Which jobs; `from` and `to` are times of RFC 3339, `q` is any text of the job, its id included. */
export interface JobFilters extends PageOptions {
  status?: JobStatus;
  figura?: string;
  createdBy?: string;
  from?: string;
  to?: string;
  q?: string;
}
/** Which entries of the audit; names, actions and targets are given whole, times as in RFC 3339. */
export interface AuditFilters {
  actor?: string;
  action?: string;
  target?: string;
  result?: 'done' | 'refused';
  from?: string;
  to?: string;
}
/** Which rows of a job. */
export interface RowFilters extends PageOptions {
  status?: 'ER' | 'SK';
}
export type ErrorsFormat = 'csv' | 'ndjson' | 'json' | 'parquet';
export type RestoredFormat = 'json' | 'ndjson' | 'csv' | 'parquet';
export type TemplateFormat = 'csv' | 'json' | 'parquet';

/** The routes of the service as functions, each named after what it does. */
export type ApiClient = ReturnType<typeof createApiClient>;

/**
 * Makes a client of the HTTP contract, for browser and command alike. Calls that may be repeated are: network failures,
 * 429, 502, 503 and 504 do not surface before some five tries. Every function throws ApiError or ConnectionError.
 */
export function createApiClient(options: ConnectionOptions) {
  const send = createSendRequest(options);
  return {
    ...uploadCalls(send),
    ...jobCalls(send),
    ...figuraCalls(send),
    ...keyCalls(send),
    ...userCalls(send),
    ...webhookCalls(send),
    /** Address of the rejected rows, to mend and send again; a page can link to it, the cookie goes along. */
    errorsUrl: (figura: string, id: string, format: ErrorsFormat) =>
      routeUrl(options.baseUrl, `${statusPath(figura, id)}/errors`, { format }),
    /** Address of the file that was sent; restored to `format`, or as it came. */
    fileUrl: (figura: string, id: string, format?: RestoredFormat) =>
      routeUrl(options.baseUrl, `${statusPath(figura, id)}/file`, { format }),
    /** Address of an empty file with an example row. */
    templateUrl: (figura: string, format: TemplateFormat) =>
      routeUrl(options.baseUrl, `${bulkPath(figura)}/template`, { format }),
    /** Address of the audit as CSV. */
    auditUrl: (filters: AuditFilters) => routeUrl(options.baseUrl, '/api/audit/export', { ...filters }),
    /** Whether database, bucket and a worker are there; throws ApiError 503 when not. */
    checkReady: (call: CallOptions = {}) => send({ path: '/api/health/ready', ...call }, readNothing),
    /** The bytes behind one of the addresses above, with this client's credentials. `path` begins with `/api`. */
    download: (path: string, call: CallOptions = {}) =>
      send({ path, headers: { accept: '*/*' }, ...call }, async (response) => response),
  };
}

function bulkPath(figura: string): string {
  return `/api/${encodeURIComponent(figura)}/_bulk`;
}

function statusPath(figura: string, id: string): string {
  return `${bulkPath(figura)}/status/${encodeURIComponent(id)}`;
}

function uploadCalls(send: SendRequest) {
  const path = (figura: string, id: string) => `${bulkPath(figura)}/uploads/${encodeURIComponent(id)}`;
  return {
    /** Asks for a place in the bucket. Repeatable: a ticket nobody uses expires. */
    createUpload: (figura: string, body: CreateUploadDto, call: CallOptions = {}) =>
      send(
        { method: 'POST', path: `${bulkPath(figura)}/uploads`, body, isRepeatable: true, ...call },
        readJson<UploadTicketDto>,
      ),
    /** An open upload's fresh addresses, and the parts that are there already. */
    getUpload: (figura: string, id: string, call: CallOptions = {}) =>
      send({ path: path(figura, id), ...call }, readJson<UploadDto>),
    /** Puts the parts together. */
    completeUpload: (figura: string, id: string, body: CompleteUploadDto, call: CallOptions = {}) =>
      send(
        { method: 'POST', path: `${path(figura, id)}/complete`, body, isRepeatable: true, ...call },
        readJson<CompletedUploadDto>,
      ),
    /** Gives an upload up; its parts are removed. */
    abortUpload: (figura: string, id: string, call: CallOptions = {}) =>
      send({ method: 'DELETE', path: path(figura, id), ...call }, readNothing),
  };
}

function jobCalls(send: SendRequest) {
  return {
    /** Enqueues a file. The key makes a repetition after a lost answer safe even with `force`. */
    enqueueJob: (figura: string, body: EnqueueDto, call: CallOptions & { idempotencyKey?: string } = {}) =>
      send(
        {
          method: 'PUT',
          path: bulkPath(figura),
          body,
          headers: { 'idempotency-key': call.idempotencyKey ?? randomKey() },
          signal: call.signal,
        },
        readJson<EnqueuedDto>,
      ),
    /** A job's state; with `waitSeconds` (30 at most) as soon as its status changes. */
    getJob: (figura: string, id: string, call: CallOptions & { waitSeconds?: number } = {}) =>
      send({ path: statusPath(figura, id), query: { wait: call.waitSeconds }, signal: call.signal }, readJson<JobDto>),
    /** Every state of a job until it ends. */
    watchJob: (figura: string, id: string, watch: WatchOptions = {}) => watchJob(send, statusPath(figura, id), watch),
    /** Jobs of all figuras, newest first. */
    listJobs: (filters: JobFilters = {}, call: CallOptions = {}) =>
      send({ path: '/api/jobs', query: { ...filters }, ...call }, readJson<PageDto<JobDto>>),
    /** Rejected and skipped rows, in file order. */
    listRows: (figura: string, id: string, filters: RowFilters = {}, call: CallOptions = {}) =>
      send({ path: `${statusPath(figura, id)}/rows`, query: { ...filters }, ...call }, readJson<PageDto<RowDto>>),
    /** Of a dry run: some of the rows it would update, with their old and new values. */
    listChanges: (figura: string, id: string, call: CallOptions = {}) =>
      send({ path: `${statusPath(figura, id)}/changes`, ...call }, readJson<PageDto<ChangeDto>>),
    /** Asks for a job to be cancelled; what was not merged is not merged. */
    cancelJob: (figura: string, id: string, call: CallOptions = {}) =>
      send(
        { method: 'POST', path: `${statusPath(figura, id)}/cancellation`, isRepeatable: true, ...call },
        readNothing,
      ),
    /** A new attempt of a job in `error`. */
    retryJob: (figura: string, id: string, call: CallOptions = {}) =>
      send({ method: 'POST', path: `${statusPath(figura, id)}/retry`, ...call }, readNothing),
  };
}

function figuraCalls(send: SendRequest) {
  const path = (name: string) => `/api/figuras/${encodeURIComponent(name)}`;
  return {
    listFiguras: (page: PageOptions = {}, call: CallOptions = {}) =>
      send({ path: '/api/figuras', query: { ...page }, ...call }, readJson<PageDto<FiguraDto>>),
    getFigura: (name: string, call: CallOptions = {}) => send({ path: path(name), ...call }, readJson<FiguraDto>),
    createFigura: (body: CreateFiguraDto, call: CallOptions = {}) =>
      send({ method: 'POST', path: '/api/figuras', body, ...call }, readJson<FiguraDto>),
    changeFigura: (name: string, body: ChangeFiguraDto, call: CallOptions = {}) =>
      send({ method: 'PATCH', path: path(name), body, isRepeatable: true, ...call }, readJson<FiguraDto>),
    /** Removes the registration, never the table. */
    deleteFigura: (name: string, call: CallOptions = {}) =>
      send({ method: 'DELETE', path: path(name), ...call }, readNothing),
    /** How many rows the table has, as the database estimates or counted. */
    countRows: (name: string, query: { exact?: boolean } = {}, call: CallOptions = {}) =>
      send(
        { path: `${path(name)}/row-count`, query: { exact: query.exact ? 'true' : undefined }, ...call },
        readJson<RowCountDto>,
      ),
    /** JSON Schema 2020-12 of one row. */
    getFiguraSchema: (name: string, call: CallOptions = {}) =>
      send({ path: `${bulkPath(name)}/schema`, ...call }, readJson<Record<string, unknown>>),
  };
}

function keyCalls(send: SendRequest) {
  return {
    listKeys: (page: PageOptions = {}, call: CallOptions = {}) =>
      send({ path: '/api/keys', query: { ...page }, ...call }, readJson<PageDto<KeyDto>>),
    /** The answer carries the secret, this once. */
    createKey: (body: CreateKeyDto, call: CallOptions = {}) =>
      send({ method: 'POST', path: '/api/keys', body, ...call }, readJson<CreatedKeyDto>),
    deleteKey: (id: string, call: CallOptions = {}) =>
      send({ method: 'DELETE', path: `/api/keys/${encodeURIComponent(id)}`, ...call }, readNothing),
  };
}

function userCalls(send: SendRequest) {
  return {
    listUsers: (page: PageOptions = {}, call: CallOptions = {}) =>
      send({ path: '/api/users', query: { ...page }, ...call }, readJson<PageDto<UserDto>>),
    createUser: (body: CreateUserDto, call: CallOptions = {}) =>
      send({ method: 'POST', path: '/api/users', body, ...call }, readJson<UserDto>),
    changeUser: (id: string, body: ChangeUserDto, call: CallOptions = {}) =>
      send(
        { method: 'PATCH', path: `/api/users/${encodeURIComponent(id)}`, body, isRepeatable: true, ...call },
        readJson<UserDto>,
      ),
    /** The link by which a person chooses a password; in this answer only. */
    createAccessLink: (id: string, call: CallOptions = {}) =>
      send({ method: 'POST', path: `/api/users/${encodeURIComponent(id)}/link`, ...call }, readJson<AccessLinkDto>),
    /** Whose link a token is. */
    inspectAccessLink: (body: z.infer<typeof inspectAccessLinkSchema>, call: CallOptions = {}) =>
      send(
        { method: 'POST', path: '/api/access-links/inspection', body, isRepeatable: true, ...call },
        readJson<z.infer<typeof accessLinkHolderSchema>>,
      ),
    /** Chooses the password of a link, which is used up. */
    acceptAccessLink: (body: z.infer<typeof acceptAccessLinkSchema>, call: CallOptions = {}) =>
      send({ method: 'POST', path: '/api/access-links/acceptance', body, ...call }, readNothing),
    /** Changes one's own name or password. */
    changeProfile: (body: z.infer<typeof changeProfileSchema>, call: CallOptions = {}) =>
      send({ method: 'PATCH', path: '/api/profile', body, ...call }, readJson<UserDto>),
    /** Who changed what, newest first. */
    listAudit: (filters: AuditFilters & PageOptions = {}, call: CallOptions = {}) =>
      send({ path: '/api/audit', query: { ...filters }, ...call }, readJson<PageDto<AuditEntryDto>>),
  };
}

/** Every item of a list, page by page. */
export async function* listAll<T>(list: (page: PageOptions) => Promise<PageDto<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await list({ cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

function randomKey(): string {
  // Not crypto.randomUUID: browsers have it only where the page came over TLS or from localhost.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
