import 'server-only';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { authenticate } from '../access/authenticate.ts';
import { authorize, type Caller, type Permission } from '../access/caller.ts';
import { asAppError } from '../db/sqlstate.ts';
import { AppError } from '../errors.ts';
import { type Locale, localeFrom } from '../i18n/translate.ts';
import { getServices, type Services } from '../services.ts';
import { fieldFaults, problemResponse } from './problem.ts';

/** What a handler gets. */
export interface Call<Params> extends Services {
  request: Request;
  params: Params;
  caller: Caller;
  locale: Locale;
  requestId: string;
  /** The caller's address as this server sees it; a forwarded one is not believed. */
  address: string | null;
  url: URL;
}

// Next hands over no params where the path has none.
type RouteContext<Params> = { params: Promise<Params> | undefined };

// A control message, never a file: those go to the bucket.
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Makes a route handler: who calls and whether they may, in the handler itself; faults become problems; every answer
 * carries a request id. `figura` in the path is checked against what the caller was given.
 */
export function route<Params extends Record<string, string> = Record<string, never>>(
  permission: Permission,
  work: (call: Call<Params>) => Promise<Response>,
): (request: Request, context: RouteContext<Params>) => Promise<Response> {
  return async (request, context) => {
    const requestId = randomUUID();
    const locale = localeFrom(request.headers.get('accept-language'));
    try {
      const services = getServices();
      const params = (await context.params) ?? ({} as Params);
      const caller = await authenticate(request);
      authorize(caller, permission, params.figura);
      const url = new URL(request.url);
      const response = await work({ ...services, request, params, caller, locale, requestId, url, address: null });
      response.headers.set('x-request-id', requestId);
      if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
      return response;
    } catch (thrown) {
      return answerFault(thrown, request, requestId, locale);
    }
  };
}

/** Answers whatever a handler threw. */
export function answerFault(thrown: unknown, request: Request, requestId: string, locale: Locale): Response {
  const error = asAppError(thrown);
  const fault = error instanceof AppError ? error : new AppError('internal', 'unexpected fault', { cause: error });
  if (fault.code === 'internal' || fault.code === 'database_unavailable' || fault.code === 'storage_unavailable') {
    getLogger()?.error('request failed', { requestId, path: new URL(request.url).pathname, error });
  }
  return problemResponse(fault, { url: request.url, requestId, locale }, { 'x-request-id': requestId });
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
export async function readBody<T>(call: Pick<Call<unknown>, 'request' | 'locale'>, schema: z.ZodType<T>): Promise<T> {
  const { request, locale } = call;
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
export function check<T>(value: unknown, schema: z.ZodType<T>, locale: Locale): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new AppError('invalid_request', 'the request breaks the schema', { faults: fieldFaults(result.error, locale) });
}

/** A JSON answer. */
export function json(body: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers);
  headers.set('content-type', 'application/json; charset=utf-8');
  return new Response(JSON.stringify(body), { ...init, headers });
}
