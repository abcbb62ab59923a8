import type { RouteName } from '#lib/api/routes.ts';
import type { PageDto } from '#lib/api/schemas.ts';
import {
  type AnswerOf,
  type BodyOf,
  type CallOptions,
  createCallRoute,
  type PageOptions,
  type QueryOf,
} from './call-route.ts';
import { type ConnectionOptions, createSendRequest, routeUrl, type SendRequest } from './send-request.ts';
import { type WatchOptions, watchJob } from './watch-job.ts';
import { webhookCalls } from './webhook-calls.ts';

type CreateUploadDto = BodyOf<'POST /api/{figura}/_bulk/uploads'>;
type EnqueueDto = BodyOf<'PUT /api/{figura}/_bulk'>;
type CreateFiguraDto = BodyOf<'POST /api/figuras'>;
type ChangeFiguraDto = BodyOf<'PATCH /api/figuras/{figura}'>;
export type CompleteUploadDto = BodyOf<'POST /api/{figura}/_bulk/uploads/{id}/complete'>;
export type KeyDto = ItemOf<'GET /api/keys'>;
export type CreateKeyDto = BodyOf<'POST /api/keys'>;
export type CreatedKeyDto = AnswerOf<'POST /api/keys'>;

export type UserDto = ItemOf<'GET /api/users'>;
export type CreateUserDto = BodyOf<'POST /api/users'>;
export type ChangeUserDto = BodyOf<'PATCH /api/users/{id}'>;
export type AccessLinkDto = AnswerOf<'POST /api/users/{id}/link'>;
export type AuditEntryDto = ItemOf<'GET /api/audit'>;

/** Which jobs; `from` and `to` are times of RFC 3339, `q` is any text of the job, its id included. */
export type JobFilters = QueryOf<'GET /api/jobs'>;
/** Which entries of the audit; names, actions and targets are given whole, times as in RFC 3339. */
export type AuditFilters = QueryOf<'GET /api/audit/export'>;
/** Which rows of a job. */
export type RowFilters = QueryOf<'GET /api/{figura}/_bulk/status/{id}/rows'>;
/** Period of the overview; `zone` is the one whose days it counts by. */
export type OverviewPeriod = QueryOf<'GET /api/overview'>;
export type ErrorsFormat = FormatOf<'GET /api/{figura}/_bulk/status/{id}/errors'>;
export type RestoredFormat = FormatOf<'GET /api/{figura}/_bulk/status/{id}/file'>;
/** Between the cells of a CSV file; spreadsheets of languages with a decimal comma want the semicolon. */
export type CsvDelimiter = NonNullable<QueryOf<'GET /api/{figura}/_bulk/template'>['delimiter']>;
export type TemplateFormat = FormatOf<'GET /api/{figura}/_bulk/template'>;

type FormatOf<Name extends RouteName> = QueryOf<Name> extends { format?: infer Format } ? NonNullable<Format> : never;
type ItemOf<Name extends RouteName> = AnswerOf<Name> extends { items: (infer Item)[] } ? Item : never;

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
    ...serviceCalls(send),
    ...webhookCalls(send),
    /** Address of the rejected rows, to mend and send again; a page can link to it, the cookie goes along. */
    errorsUrl: (figura: string, id: string, format: ErrorsFormat, delimiter?: CsvDelimiter) =>
      routeUrl(options.baseUrl, `${statusPath(figura, id)}/errors`, {
        format,
        delimiter: format === 'csv' ? delimiter : undefined,
      }),
    /** Address of the file that was sent; restored to `format`, or as it came. */
    fileUrl: (figura: string, id: string, format?: RestoredFormat) =>
      routeUrl(options.baseUrl, `${statusPath(figura, id)}/file`, { format }),
    /** Address of a file to fill in: empty, or with an example row. */
    templateUrl: (figura: string, format: TemplateFormat, example: boolean, delimiter?: CsvDelimiter) =>
      routeUrl(options.baseUrl, `${bulkPath(figura)}/template`, {
        format,
        example,
        delimiter: format === 'csv' ? delimiter : undefined,
      }),
    /** Address of the audit as CSV. */
    auditUrl: (filters: AuditFilters) => routeUrl(options.baseUrl, '/api/audit/export', { ...filters }),
    /** Address of a figura's documentation in Markdown. */
    documentationUrl: (figura: string) =>
      routeUrl(options.baseUrl, `/api/figuras/${encodeURIComponent(figura)}/documentation`),
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
  const call = createCallRoute(send);
  return {
    /** Asks for a place in the bucket. Repeatable: a ticket nobody uses expires. */
    createUpload: (figura: string, body: CreateUploadDto, options: CallOptions = {}) =>
      call('POST /api/{figura}/_bulk/uploads', { params: { figura }, body, isRepeatable: true, ...options }),
    /** An open upload's fresh addresses, and the parts that are there already; `size` are the bytes of a growing one. */
    getUpload: (figura: string, id: string, { size, ...options }: CallOptions & { size?: number } = {}) =>
      call('GET /api/{figura}/_bulk/uploads/{id}', { params: { figura, id }, query: { size }, ...options }),
    /** Puts the parts together. */
    completeUpload: (figura: string, id: string, body: CompleteUploadDto, options: CallOptions = {}) =>
      call('POST /api/{figura}/_bulk/uploads/{id}/complete', {
        params: { figura, id },
        body,
        isRepeatable: true,
        ...options,
      }),
    /** Gives an upload up; its parts are removed. */
    abortUpload: (figura: string, id: string, options: CallOptions = {}) =>
      call('DELETE /api/{figura}/_bulk/uploads/{id}', { params: { figura, id }, ...options }),
  };
}

function jobCalls(send: SendRequest) {
  const call = createCallRoute(send);
  return {
    /** Enqueues a file. The key makes a repetition after a lost answer safe even with `force`. */
    enqueueJob: (
      figura: string,
      body: EnqueueDto,
      { idempotencyKey = randomKey(), ...options }: CallOptions & { idempotencyKey?: string } = {},
    ) =>
      call('PUT /api/{figura}/_bulk', {
        params: { figura },
        body,
        headers: { 'idempotency-key': idempotencyKey },
        ...options,
      }),
    /** A job's state; with `waitSeconds` (30 at most) as soon as its status changes. */
    getJob: (
      figura: string,
      id: string,
      { waitSeconds: wait, ...options }: CallOptions & { waitSeconds?: number } = {},
    ) => call('GET /api/{figura}/_bulk/status/{id}', { params: { figura, id }, query: { wait }, ...options }),
    /** Every state of a job until it ends. */
    watchJob: (figura: string, id: string, watch: WatchOptions = {}) => watchJob(send, statusPath(figura, id), watch),
    /** Jobs of all figuras, newest first. */
    listJobs: (query: JobFilters = {}, options: CallOptions = {}) => call('GET /api/jobs', { query, ...options }),
    /** Names of those who asked for jobs. */
    listJobAuthors: (options: CallOptions = {}) => call('GET /api/jobs/authors', options),
    /** Jobs of one figura, newest first. */
    listFiguraJobs: (figura: string, query: QueryOf<'GET /api/{figura}/_bulk'> = {}, options: CallOptions = {}) =>
      call('GET /api/{figura}/_bulk', { params: { figura }, query, ...options }),
    /** Rejected and skipped rows, in file order. */
    listRows: (figura: string, id: string, query: RowFilters = {}, options: CallOptions = {}) =>
      call('GET /api/{figura}/_bulk/status/{id}/rows', { params: { figura, id }, query, ...options }),
    /** What happened to a job: events, samples, faults counted, jobs that mend it. */
    getJobHistory: (figura: string, id: string, options: CallOptions = {}) =>
      call('GET /api/{figura}/_bulk/status/{id}/history', { params: { figura, id }, ...options }),
    /** How the loads of a period went, what waits, and who works. */
    getOverview: (query: OverviewPeriod = {}, options: CallOptions = {}) =>
      call('GET /api/overview', { query, ...options }),
    /** Of a dry run: some of the rows it would update, with their old and new values. */
    listChanges: (figura: string, id: string, options: CallOptions = {}) =>
      call('GET /api/{figura}/_bulk/status/{id}/changes', { params: { figura, id }, ...options }),
    /** Asks for a job to be cancelled; what was not merged is not merged. */
    cancelJob: (figura: string, id: string, options: CallOptions = {}) =>
      call('POST /api/{figura}/_bulk/status/{id}/cancellation', {
        params: { figura, id },
        isRepeatable: true,
        ...options,
      }),
    /** A new attempt of a job in `error`. */
    retryJob: (figura: string, id: string, options: CallOptions = {}) =>
      call('POST /api/{figura}/_bulk/status/{id}/retry', { params: { figura, id }, ...options }),
  };
}

function figuraCalls(send: SendRequest) {
  const call = createCallRoute(send);
  return {
    listFiguras: (query: PageOptions = {}, options: CallOptions = {}) =>
      call('GET /api/figuras', { query, ...options }),
    getFigura: (figura: string, options: CallOptions = {}) =>
      call('GET /api/figuras/{figura}', { params: { figura }, ...options }),
    createFigura: (body: CreateFiguraDto, options: CallOptions = {}) => call('POST /api/figuras', { body, ...options }),
    changeFigura: (figura: string, body: ChangeFiguraDto, options: CallOptions = {}) =>
      call('PATCH /api/figuras/{figura}', { params: { figura }, body, isRepeatable: true, ...options }),
    /** Removes the registration, never the table. */
    deleteFigura: (figura: string, options: CallOptions = {}) =>
      call('DELETE /api/figuras/{figura}', { params: { figura }, ...options }),
    /** How many rows the table has, as the database estimates or counted. */
    countRows: (
      figura: string,
      query: QueryOf<'GET /api/figuras/{figura}/row-count'> = {},
      options: CallOptions = {},
    ) => call('GET /api/figuras/{figura}/row-count', { params: { figura }, query, ...options }),
    /** JSON Schema 2020-12 of one row. */
    getFiguraSchema: (figura: string, options: CallOptions = {}) =>
      call('GET /api/{figura}/_bulk/schema', { params: { figura }, ...options }),
  };
}

function keyCalls(send: SendRequest) {
  const call = createCallRoute(send);
  return {
    listKeys: (query: PageOptions = {}, options: CallOptions = {}) => call('GET /api/keys', { query, ...options }),
    /** The answer carries the secret, this once. */
    createKey: (body: CreateKeyDto, options: CallOptions = {}) => call('POST /api/keys', { body, ...options }),
    deleteKey: (id: string, options: CallOptions = {}) => call('DELETE /api/keys/{id}', { params: { id }, ...options }),
  };
}

function userCalls(send: SendRequest) {
  const call = createCallRoute(send);
  return {
    listUsers: (query: PageOptions = {}, options: CallOptions = {}) => call('GET /api/users', { query, ...options }),
    createUser: (body: CreateUserDto, options: CallOptions = {}) => call('POST /api/users', { body, ...options }),
    changeUser: (id: string, body: ChangeUserDto, options: CallOptions = {}) =>
      call('PATCH /api/users/{id}', { params: { id }, body, isRepeatable: true, ...options }),
    /** The link by which a person chooses a password; in this answer only. */
    createAccessLink: (id: string, options: CallOptions = {}) =>
      call('POST /api/users/{id}/link', { params: { id }, ...options }),
    /** Whose link a token is. */
    inspectAccessLink: (body: BodyOf<'POST /api/access-links/inspection'>, options: CallOptions = {}) =>
      call('POST /api/access-links/inspection', { body, isRepeatable: true, ...options }),
    /** Chooses the password of a link, which is used up. */
    acceptAccessLink: (body: BodyOf<'POST /api/access-links/acceptance'>, options: CallOptions = {}) =>
      call('POST /api/access-links/acceptance', { body, ...options }),
    /** Changes one's own name or password. */
    changeProfile: (body: BodyOf<'PATCH /api/profile'>, options: CallOptions = {}) =>
      call('PATCH /api/profile', { body, ...options }),
    /** Who changed what, newest first. */
    listAudit: (query: AuditFilters & PageOptions = {}, options: CallOptions = {}) =>
      call('GET /api/audit', { query, ...options }),
  };
}

function serviceCalls(send: SendRequest) {
  const call = createCallRoute(send);
  return {
    /** Whether the web process answers. */
    checkLive: (options: CallOptions = {}) => call('GET /api/health/live', { ...options }),
    /** Whether database, bucket and a worker are there; throws ApiError 503 when not. */
    checkReady: (options: CallOptions = {}) => call('GET /api/health/ready', { ...options }),
    /** The contract as OpenAPI 3.1. */
    getOpenApi: (options: CallOptions = {}) => call('GET /api/openapi.json', { ...options }),
    /** Counts in Prometheus' text format. */
    getMetrics: (options: CallOptions = {}) =>
      send({ path: '/api/metrics', headers: { accept: 'text/plain' }, ...options }, (response) => response.text()),
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
