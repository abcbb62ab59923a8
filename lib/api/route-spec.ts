import type { z } from 'zod';
import type { Permission } from '../access/caller.ts';
import type { ErrorCode } from '../errors.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a route answers with one status when it did what it was asked. */
export interface RouteAnswer {
  description: string;
  /** Of a JSON body; none: no body, or one of `contentTypes`. */
  schema?: z.ZodType;
  /** `application/json` when left out and there is a schema. */
  contentTypes?: readonly string[];
  /** Headers that are always there, in small letters. */
  headers?: readonly string[];
  /** Headers of this route that are there now and then; openapi.ts adds those that many routes have. */
  optionalHeaders?: readonly string[];
}

/** Everything there is to know of a route; what checks it, documents it and tests it reads this. */
export interface RouteSpec {
  /** Name of the operation, unique. */
  id: string;
  tag: 'uploads' | 'jobs' | 'figuras' | 'administration' | 'service';
  summary: string;
  description?: string;
  /** What the caller must be allowed to do; `public`: nothing, not even be known. */
  permission: Permission | 'public';
  /** Whether only callers who were given every figura may ask: the answer tells of all of them at once. */
  isAboutAllFiguras?: true;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  answers: Readonly<Record<number, RouteAnswer>>;
  /** Codes of this route's own faults; `problemCodesOf` adds those that every such route has. */
  problems?: readonly ErrorCode[];
}

/** A JSON answer with a schema, which its type keeps: lib/api-client reads the types of its calls from it. */
export const json = <Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  headers: string[] = [],
  optionalHeaders: string[] = [],
) => ({ schema, description, headers, optionalHeaders });
/** A file as the answer. */
export const file = (description: string, ...contentTypes: string[]): RouteAnswer => ({
  description,
  contentTypes,
  headers: ['content-disposition'],
});
/** An answer without a body. */
export const gone: RouteAnswer = { description: 'Done; there is nothing to show.' };

/** The parameters of a route by its name. */
export type ParametersOf<Name extends string> = Name extends `${string}{${infer Parameter}}${infer Rest}`
  ? Record<Parameter, string> & ParametersOf<Rest>
  : unknown;

/** Names of the parameters in a path. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}

/** Method and path of a route's name, which is both: `GET /api/jobs`. */
export function splitRouteName(name: string): { method: HttpMethod; path: string } {
  const [method, path] = name.split(' ') as [HttpMethod, string];
  return { method, path };
}

/** Every code a route may answer a fault with. */
export function problemCodesOf(name: string, spec: RouteSpec): ErrorCode[] {
  const { method, path } = splitRouteName(name);
  const codes = new Set<ErrorCode>(['internal', 'database_unavailable', ...(spec.problems ?? [])]);
  const add = (...more: ErrorCode[]) => more.forEach((code) => void codes.add(code));
  if (spec.permission !== 'public') {
    add('unauthenticated', 'invalid_credentials', 'mistyped_key', 'forbidden', 'too_many_requests');
    if (method !== 'GET') add('cross_origin');
  }
  if (pathParameters(path).includes('figura')) add('figura_not_found');
  if (spec.body) add('invalid_json', 'body_too_large', 'invalid_request');
  if (spec.query || spec.headers) add('invalid_request');
  if (spec.headers && 'idempotency-key' in spec.headers.shape) {
    add('idempotency_key_reused', 'idempotency_key_in_flight');
  }
  if (spec.query && 'cursor' in spec.query.shape) add('invalid_cursor');
  return [...codes].sort();
}
