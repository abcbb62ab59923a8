import type { z } from 'zod';
import { AppError, type FieldFault, statusOf } from '../errors.ts';
import { type Locale, localeFrom } from '../i18n/locales.ts';
import { translate } from '../i18n/translate.ts';
import type { ProblemDto } from './schemas.ts';

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
};

// How soon it makes sense to ask again.
const RETRY_AFTER_SECONDS: Record<number, number> = { 429: 30, 503: 5, 507: 60 };

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** What zod found, field by field, in the caller's language. */
export function fieldFaults(error: z.ZodError, locale: Locale): FieldFault[] {
  return error.issues.flatMap((issue) => {
    const code = issue.code === 'invalid_type' && issue.input === undefined ? 'required' : issue.code;
    const values = Object.fromEntries(
      Object.entries(issue).filter(([, value]) => typeof value === 'string' || typeof value === 'number'),
    ) as Record<string, string | number>;
    if ('values' in issue) values.values = (issue.values as unknown[]).join(', ');
    const detail = translate(locale, `fieldFaults.${code}`, values);
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return keys.map((key) => ({
      pointer: pointerOf(key === undefined ? issue.path : [...issue.path, key]),
      code,
      detail,
    }));
  });
}

/** Answers a fault as application/problem+json (RFC 9457). Only the code and its catalogue text leave: no stack, no SQL. */
export function problemResponse(
  fault: AppError,
  request: { url: string; requestId: string; locale: Locale },
  headers: HeadersInit = {},
): Response {
  const status = statusOf[fault.code];
  const problem: ProblemDto = {
    type: `urn:carga:problem:${fault.code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail: translate(request.locale, `errors.${fault.code}`, fault.details),
    instance: new URL(request.url).pathname,
    code: fault.code,
    requestId: request.requestId,
    ...(fault.faults.length > 0 ? { errors: fault.faults } : {}),
  };
  const answer = new Headers(headers);
  answer.set('content-type', 'application/problem+json; charset=utf-8');
  answer.set('content-language', request.locale);
  answer.set('cache-control', 'no-store');
  if (status === 401) answer.set('www-authenticate', 'Bearer realm="carga"');
  const retryAfter = fault.details.seconds ?? RETRY_AFTER_SECONDS[status];
  if (retryAfter) answer.set('retry-after', String(retryAfter));
  return new Response(JSON.stringify(problem), { status, headers: answer });
}

/**
 * Answers a try to log in that was one too many. next-auth's script in the page reads the refusal from an address in
 * the body; RFC 9457 allows such a member besides its own.
 */
export async function answerTooManyTries(request: Request, seconds: number, requestId: string): Promise<Response> {
  const fault = new AppError('too_many_attempts', 'too many tries to log in', { details: { seconds } });
  const locale = localeFrom(request.headers.get('accept-language'));
  const answer = problemResponse(fault, { url: request.url, requestId, locale }, { 'x-request-id': requestId });
  const url = new URL(`/login?error=${fault.code}`, request.url).href;
  return new Response(JSON.stringify({ ...(await answer.json()), url }), answer);
}
