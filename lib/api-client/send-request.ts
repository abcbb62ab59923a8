import { ApiError, ConnectionError, readApiError } from './api-error.ts';
import { backoffMs, sleep } from './backoff.ts';

/** The languages that the service answers in. */
export type ApiLanguage = 'pt-BR' | 'en';

/** How calls are made. */
export interface ConnectionOptions {
  /** Address of the service, `''` for a page of the service itself. */
  baseUrl: string;
  /** Without one the browser's session cookie speaks for the caller. */
  apiKey?: string;
  /** The platform's own `fetch` when left out. */
  fetch?: typeof globalThis.fetch;
  /** Language of the messages; the service's own choice when left out. */
  language?: ApiLanguage;
}

/** One call. */
export interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api` on, with its names already encoded. */
  path: string;
  /** Left out of the address where undefined. */
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Whether asking twice does no more than asking once; GET, PUT and DELETE unless said otherwise. */
  isRepeatable?: boolean;
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** Makes a call and reads its answer; what `read` returns comes out. */
export type SendRequest = <T>(request: ApiRequest, read: (response: Response) => Promise<T>) => Promise<T>;

/** With the pauses of backoff.ts some four seconds: a restart of the service passes unseen, a dead one is soon told. */
const MAX_TRIES = 5;

/** Twice the longest `?wait=`: an answer that takes longer will not come. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** A service that asks for more patience than this is better shown to the user than waited for in silence. */
const LONGEST_RETRY_AFTER_S = 30;

/** Too many calls, or nobody there to answer: the call was not carried out. */
const REPEATABLE_STATUSES = new Set([429, 502, 503, 504]);

/** The address of a route. */
export function routeUrl(baseUrl: string, path: string, query: ApiRequest['query'] = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return `${baseUrl.replace(/\/+$/, '')}${path}${text === '' ? '' : `?${text}`}`;
}

/**
 * Makes the function through which every call goes: credentials, language, time limit, and repetition of what may be
 * repeated. It throws ApiError for an answer that is no success, ConnectionError for none, and the signal's reason
 * when the caller gives up.
 */
export function createSendRequest(options: ConnectionOptions): SendRequest {
  // Called as a bare function: browsers refuse a fetch that is taken off its window and called on something else.
  const send: typeof globalThis.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));

  async function tryOnce<T>(request: ApiRequest, url: string, read: (response: Response) => Promise<T>): Promise<T> {
    const timer = new AbortController();
    const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const handle = setTimeout(() => timer.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const headers: Record<string, string> = { accept: 'application/json', ...request.headers };
    if (options.apiKey !== undefined) headers.authorization = `Bearer ${options.apiKey}`;
    if (options.language !== undefined) headers['accept-language'] = options.language;
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    try {
      const response = await send(url, {
        method: request.method ?? 'GET',
        headers,
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
        signal: request.signal ? AbortSignal.any([timer.signal, request.signal]) : timer.signal,
      });
      if (!response.ok) throw await readApiError(response);
      return await read(response);
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      if (error instanceof ApiError) throw error;
      throw new ConnectionError(url, error);
    } finally {
      clearTimeout(handle);
    }
  }

  return async function sendRequest(request, read) {
    const url = routeUrl(options.baseUrl, request.path, request.query);
    const method = request.method ?? 'GET';
    const isRepeatable = request.isRepeatable ?? (method === 'GET' || method === 'PUT' || method === 'DELETE');
    for (let tries = 1; ; tries++) {
      try {
        return await tryOnce(request, url, read);
      } catch (error) {
        if (!isRepeatable || tries === MAX_TRIES || !mayPass(error)) throw error;
        const retryAfterMs = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
        await sleep(Math.max(retryAfterMs, backoffMs(tries)), request.signal);
      }
    }
  };
}

/** Whether the same call may succeed a little later. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  // The same request under the same key is still at work: its answer comes to whoever asks again.
  if (error instanceof ApiError && error.code === 'idempotency_key_in_flight') return true;
  if (!(error instanceof ApiError) || !REPEATABLE_STATUSES.has(error.status)) return false;
  return (error.retryAfter ?? 0) <= LONGEST_RETRY_AFTER_S;
}

/** Reads a JSON answer. @throws ApiError `unexpected_answer` when it is none, as behind a wrong address. */
export async function readJson<T>(response: Response): Promise<T> {
  if (!/[/+]json\b/.test(response.headers.get('content-type') ?? '')) {
    throw new ApiError({ status: response.status, code: 'unexpected_answer', detail: 'The answer is not JSON.' });
  }
  return (await response.json()) as T;
}

/** For calls whose answer has no body. */
export async function readNothing(response: Response): Promise<void> {
  await response.body?.cancel();
}
