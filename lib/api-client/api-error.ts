import type { ProblemDto } from '#lib/api/schemas.ts';

/** An answer of the service that is not what was asked for: its problem (RFC 9457), or what stood in its place. */
export class ApiError extends Error {
  override name = 'ApiError';
  /** Stable machine code; `unexpected_answer` when something that is not Carga answered. */
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** In the caller's language. */
  readonly detail: string;
  /** null when the answer carried none. */
  readonly requestId: string | null;
  readonly errors: NonNullable<ProblemDto['errors']>;
  /** When to ask again, in seconds; null when the service did not say. */
  readonly retryAfter: number | null;

  constructor(problem: Partial<ProblemDto> & { status: number }, retryAfter: number | null = null) {
    const detail = problem.detail ?? problem.title ?? `HTTP ${problem.status}`;
    super(detail);
    this.code = problem.code ?? 'unexpected_answer';
    this.status = problem.status;
    this.title = problem.title ?? `HTTP ${problem.status}`;
    this.detail = detail;
    this.requestId = problem.requestId ?? null;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/** No answer came at all: no network, no server, or none in time. `cause` holds what the platform said. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
  readonly code = 'connection_failed';
  /** Scheme, host and port that did not answer. */
  readonly origin: string;

  constructor(url: string, cause: unknown) {
    super(`${originOf(url)} does not answer: ${reasonOf(cause)}`, { cause });
    this.origin = originOf(url);
  }
}

/** The bucket refused bytes, or the file was not what had been announced. */
export class UploadError extends Error {
  override name = 'UploadError';
  /** The bucket's own code (`AccessDenied`, `EntityTooLarge` …), or `size_mismatch`, `etag_hidden`. */
  readonly code: string;
  /** HTTP status of the bucket's answer; null when the fault is on this side. */
  readonly status: number | null;

  constructor(code: string, message: string, status: number | null = null) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Reads what the service answered instead of a success. Never throws on what it reads. */
export async function readApiError(response: Response): Promise<ApiError> {
  const retryAfter = readRetryAfter(response.headers.get('retry-after'));
  const requestId = response.headers.get('x-request-id') ?? undefined;
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  try {
    const problem: unknown = isJson ? await response.json() : null;
    if (problem !== null && typeof problem === 'object' && 'code' in problem) {
      return new ApiError({ requestId, ...(problem as Partial<ProblemDto>), status: response.status }, retryAfter);
    }
  } catch (error) {
    // An answer that breaks off is still an answer with a status; an abort is the caller's own wish.
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
  }
  return new ApiError({ status: response.status, title: response.statusText || undefined, requestId }, retryAfter);
}

/** Seconds until `Retry-After`, which is a number or an HTTP date; null when there is none. */
export function readRetryAfter(value: string | null, now: number = Date.now()): number | null {
  if (value === null || value.trim() === '') return null;
  if (/^\s*\d+\s*$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, (at - now) / 1000);
}

function originOf(url: string): string {
  // A page calls with relative addresses: there the origin is the page's own and says nothing new.
  return URL.canParse(url) ? new URL(url).origin : url;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // fetch of Node says no more than "fetch failed" and hides the reason one level down.
  const inner = cause.cause;
  if (inner instanceof Error) return inner.message || (inner as { code?: string }).code || cause.message;
  return cause.message;
}
