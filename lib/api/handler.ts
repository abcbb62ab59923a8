import 'server-only';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { recordAudit } from '../access/audit.ts';
import { authenticate } from '../access/authenticate.ts';
import { authorize, type Caller, requireAllFiguras } from '../access/caller.ts';
import { clientAddress } from '../access/client-address.ts';
import { countCall } from '../access/rate-limit.ts';
import { asAppError, isDatabaseError } from '../db/sqlstate.ts';
import { AppError, statusOf } from '../errors.ts';
import { type Locale, localeFrom } from '../i18n/locales.ts';
import { getServices, type Services } from '../services.ts';
import { answerOnce, type IdempotencyClaim } from './idempotency.ts';
import { fieldFaults, problemResponse } from './problem.ts';
import type { ParametersOf, RouteSpec } from './route-spec.ts';
import { ROUTES, type RouteName } from './routes.ts';
import { figuraNameSchema } from './schemas.ts';

type Checked<Name extends RouteName, Part extends 'query' | 'headers' | 'body'> = (typeof ROUTES)[Name] extends {
  [part in Part]: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : undefined;

/** What a handler gets: everything from outside is checked by the schemas of its route. */
export interface Call<Name extends RouteName> extends Services {
  request: Request;
  params: ParametersOf<Name>;
  query: Checked<Name, 'query'>;
  headers: Checked<Name, 'headers'>;
  body: Checked<Name, 'body'>;
  caller: Caller;
  locale: Locale;
  url: URL;
  /** null where the route knows no `Idempotency-Key`, or the request had none. */
  idempotency: IdempotencyClaim | null;
}

/** The caller of a route that is open to everybody. */
const NOBODY: Caller = { kind: 'user', id: '', name: '', role: 'viewer', figuras: [] };

// Next hands over no params where the path has none.
type RouteContext = { params: Promise<Record<string, string>> | undefined };

// A control message, never a file: those go to the bucket.
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Makes the handler of a route from its entry in the list: who calls and whether they may, in the handler itself; what
 * they sent, checked; faults become problems; every answer carries a request id.
 */
export function route<Name extends RouteName>(
  name: Name,
  work: (call: Call<Name>) => Promise<Response>,
): (request: Request, context: RouteContext) => Promise<Response> {
  const spec: RouteSpec = ROUTES[name];
  return async (request, context) => {
    const requestId = randomUUID();
    const locale = localeFrom(request.headers.get('accept-language'));
    const headers = new Headers({ 'x-request-id': requestId });
    try {
      const services = getServices();
      const params = (await context.params) ?? {};
      const caller = await admit(services, spec, request, params.figura, headers);
      const url = new URL(request.url);
      const call = {
        ...services,
        request,
        params,
        caller,
        locale,
        url,
        query: spec.query && check(queryOf(url, spec.query), spec.query, locale),
        headers: spec.headers && check(Object.fromEntries(request.headers), spec.headers, locale),
        body: spec.body && (await readBody(request, locale, spec.body)),
      };
      const run = (idempotency: IdempotencyClaim | null) =>
        work({ ...call, idempotency } as unknown as Call<Name>).catch(async (error: unknown) => {
          if (isRefusal(error)) await noteRefusal(services, caller, request, error);
          throw error;
        });
      const key = call.headers?.['idempotency-key'];
      const content = { params, query: call.query, body: call.body };
      const response =
        typeof key === 'string'
          ? await answerOnce(services.pool, { caller, route: name, key, content }, run)
          : await run(null);
      headers.forEach((value, header) => void response.headers.set(header, value));
      if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
      return request.method === 'HEAD' ? await withoutBody(response) : response;
    } catch (thrown) {
      return answerFault(thrown, request, locale, headers);
    }
  };
}

/** The answer to HEAD. Next would leave the body unread: its stream, and what feeds it, would stay open for good. */
async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

/** Lets the caller of a route in, or throws. */
async function admit(
  services: Services,
  spec: RouteSpec,
  request: Request,
  figura: string | undefined,
  headers: Headers,
): Promise<Caller> {
  if (spec.permission === 'public') return NOBODY;
  const caller = { ...(await authenticate(request)), address: clientAddress(request) };
  if (caller.kind === 'apiKey') await countCall(services.limits, caller.id, headers);
  if (figura !== undefined && !figuraNameSchema.safeParse(figura).success) {
    throw new AppError('figura_not_found', 'not a name of a figura', { details: { name: figura } });
  }
  try {
    authorize(caller, spec.permission, figura);
    if (spec.isAboutAllFiguras) requireAllFiguras(caller);
  } catch (error) {
    if (error instanceof AppError) await noteRefusal(services, caller, request, error);
    throw error;
  }
  return caller;
}

/** Whether somebody was kept from doing it, as against a request that nobody could fulfil. */
const isRefusal = (error: unknown): error is AppError =>
  error instanceof AppError && (statusOf[error.code] === 403 || error.code === 'wrong_password');

/** A change that somebody known asked for and may not make stands in the audit as well. */
async function noteRefusal(
  { pool, logger }: Services,
  caller: Caller,
  request: Request,
  error: AppError,
): Promise<void> {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const target = `${request.method} ${new URL(request.url).pathname}`.slice(0, 500);
  await recordAudit(pool, caller, { action: 'request.refused', target, refusal: error.code }).catch((cause: unknown) =>
    logger.error('a refusal could not be written down', { error: cause }),
  );
}

/** The query's parameters that the route knows: others are left alone, as in any address. */
function queryOf(url: URL, schema: z.ZodObject): Record<string, string> {
  return Object.fromEntries([...url.searchParams].filter(([name]) => Object.hasOwn(schema.shape, name)));
}

/** Answers whatever a handler threw. */
function answerFault(thrown: unknown, request: Request, locale: Locale, headers: Headers): Response {
  // A value that PostgreSQL refuses here came from the request: what the schemas cannot tell, such as year 0.
  const error =
    isDatabaseError(thrown) && thrown.code.startsWith('22')
      ? new AppError('invalid_request', thrown.message, { cause: thrown })
      : asAppError(thrown);
  const fault = error instanceof AppError ? error : new AppError('internal', 'unexpected fault', { cause: error });
  const requestId = headers.get('x-request-id') ?? '';
  if (fault.code === 'internal' || fault.code === 'database_unavailable' || fault.code === 'storage_unavailable') {
    getLogger()?.error('request failed', { requestId, path: new URL(request.url).pathname, error });
  }
  return problemResponse(fault, { url: request.url, requestId, locale }, headers);
}

function getLogger() {
  try {
    return getServices().logger;
  } catch {
    // Settings are missing: the start has said so already.
    return undefined;
  }
}

/** The request's body, checked. @throws AppError `invalid_json`, `body_too_large`, `invalid_request` with every fault */
async function readBody<T>(request: Request, locale: Locale, schema: z.ZodType<T>): Promise<T> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  let text = '';
  let bytes = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) throw tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    text += decoder.decode();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('invalid_json', 'the body is not UTF-8', { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError('invalid_json', 'the body is not JSON', { cause: error });
  }
  return check(value, schema, locale);
}

function tooLarge(): AppError {
  return new AppError('body_too_large', 'the body is too large', { details: { maxBytes: MAX_BODY_BYTES } });
}

/** Checks a value from outside. @throws AppError `invalid_request` with every fault */
function check<T>(value: unknown, schema: z.ZodType<T>, locale: Locale): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new AppError('invalid_request', 'the request breaks the schema', { faults: fieldFaults(result.error, locale) });
}

/** The answer of what has nothing to show. */
export function noContent(): Response {
  return new Response(null, { status: 204 });
}

/** Media type of JSON answers. */
export const JSON_TYPE = 'application/json; charset=utf-8';

/** A JSON answer. */
export function json(body: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set('content-type', JSON_TYPE);
  return new Response(JSON.stringify(body), { ...init, headers });
}

/** Answers every address below /api that is no route. */
export function answerUnknownPath(request: Request): Response {
  const headers = new Headers({ 'x-request-id': randomUUID() });
  const fault = new AppError('not_found', 'no such route');
  return answerFault(fault, request, localeFrom(request.headers.get('accept-language')), headers);
}
