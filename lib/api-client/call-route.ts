import type { z } from 'zod';
import type { ParametersOf } from '#lib/api/route-spec.ts';
import type { ROUTES, RouteName } from '#lib/api/routes.ts';
import { type ApiRequest, readJson, readNothing, type SendRequest } from './send-request.ts';

// What each route takes and answers, read off the list of routes by the compiler: the schemas that check the requests
// and make the OpenAPI document are the client's types too, and none of them is in its code.
type Routes = typeof ROUTES;
type SchemaOf<Name extends RouteName, Part extends string> = Routes[Name] extends { [part in Part]: infer Schema }
  ? Schema
  : never;
type Success<Answers> = {
  [Status in keyof Answers]: `${Status & number}` extends `2${string}` ? Answers[Status] : never;
};
type BodyRead<Answer> = Answer extends { schema: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;

/** What a route's body holds. */
export type BodyOf<Name extends RouteName> =
  SchemaOf<Name, 'body'> extends infer Schema extends z.ZodType ? z.input<Schema> : undefined;

/** What may stand in a route's query: nothing has to, and lists are written with commas. */
export type QueryOf<Name extends RouteName> =
  SchemaOf<Name, 'query'> extends infer Schema extends z.ZodType ? Written<z.output<Schema>> : undefined;
type Written<Query> = {
  [Key in keyof Query]?: NonNullable<Query[Key]> extends readonly (infer Item)[]
    ? Item | readonly Item[]
    : NonNullable<Query[Key]>;
};

/** What a route answers when it did what it was asked; undefined where there is nothing to say. */
export type AnswerOf<Name extends RouteName> = BodyRead<
  Success<Routes[Name]['answers']>[keyof Success<Routes[Name]['answers']>]
>;

/** What a call of a route needs: only what it has. */
export type RouteCall<Name extends RouteName> = Pick<ApiRequest, 'headers' | 'isRepeatable' | 'signal' | 'timeoutMs'> &
  (unknown extends ParametersOf<Name> ? unknown : { params: ParametersOf<Name> }) &
  (BodyOf<Name> extends undefined ? unknown : { body: BodyOf<Name> }) &
  (QueryOf<Name> extends undefined ? unknown : { query?: QueryOf<Name> });

/** What every call takes besides its own arguments. */
export interface CallOptions {
  signal?: AbortSignal;
}
/** Which part of a list; `cursor` is the `nextCursor` of the page before. */
export interface PageOptions {
  limit?: number;
  cursor?: string;
}

/** Calls a route by its name in the list and reads its JSON. */
export type CallRoute = <Name extends RouteName>(name: Name, call: RouteCall<Name>) => Promise<AnswerOf<Name>>;

/** Makes the function that calls routes by their names. */
export function createCallRoute(send: SendRequest): CallRoute {
  return async <Name extends RouteName>(name: Name, call: RouteCall<Name>) => {
    const [method, template = ''] = name.split(' ') as [ApiRequest['method'], string];
    const { params = {}, ...request } = call as Omit<ApiRequest, 'path'> & { params?: Record<string, string> };
    return send({ ...request, method, path: pathOf(template, params) }, async (response) => {
      if (response.status !== 204) return readJson<AnswerOf<Name>>(response);
      await readNothing(response);
      return undefined as AnswerOf<Name>;
    });
  };
}

/** A path with its parameters in place. */
function pathOf(template: string, params: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
}
