import { z } from 'zod';
import { type ErrorCode, statusOf } from '../errors.ts';
import { csvOptionsSchema } from '../job/job-options.ts';
import * as accessSchemas from './access-schemas.ts';
import * as insightSchemas from './insight-schemas.ts';
import { pathParameters, problemCodesOf, type RouteAnswer, type RouteSpec, splitRouteName } from './route-spec.ts';
import { ROUTES } from './routes.ts';
import * as schemas from './schemas.ts';
import * as webhookSchemas from './webhook-schemas.ts';

type Json = Record<string, unknown>;

const TAGS = {
  uploads: 'A file on its way into the bucket.',
  jobs: 'Loads of files: enqueue, watch, repair, act.',
  figuras: 'What can be loaded.',
  administration: 'Keys, people, webhooks, the audit. Administrators only.',
  service: 'Health, counts, this document.',
};
const RESPONSE_HEADERS: Record<string, string> = {
  location: 'Where the result is.',
  'retry-after': 'When to ask again, in seconds.',
  'content-disposition': 'The name of the file.',
  'x-request-id': 'Number of this request, for whoever looks into the logs.',
  link: 'Where the next page is, as rel="next"; the last page has none.',
  ratelimit: 'What is left of the calls of this API key, and the seconds until all of them are there again.',
  'ratelimit-policy': 'How many calls an API key has in how many seconds.',
  'idempotency-replayed': '`true` on the answer that an earlier request with the same Idempotency-Key got.',
  'www-authenticate': 'How to say who calls.',
  'content-language': 'Language of the texts.',
};
const PARAMETERS: Record<string, Json> = {
  figura: {
    schema: plain(z.toJSONSchema(schemas.figuraNameSchema)),
    description: 'Name of a figura.',
    example: 'fornecedores',
  },
  id: { schema: { type: 'string', format: 'uuid' }, description: 'Id that the service gave.' },
  deliveryId: { schema: { type: 'string', format: 'uuid' }, description: 'Id of a delivery of the webhook.' },
};

function plain({ $schema: _schema, $id: _id, ...schema }: Json): Json {
  return schema;
}

const reference = (id: string) => `#/components/schemas/${id}`;
const idOf = (schema: z.ZodType): string => {
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new Error('a schema of the contract has no id');
  return id;
};

const parts: unknown[] = [
  ...Object.values(schemas),
  ...Object.values(accessSchemas),
  ...Object.values(insightSchemas),
  ...Object.values(webhookSchemas),
  csvOptionsSchema,
];
const named = parts.filter(
  (part): part is z.ZodType => part instanceof z.ZodType && z.globalRegistry.get(part)?.id !== undefined,
);

/** Every schema that has a name, as it is on the way in or out. */
function componentsOf(io: 'input' | 'output'): Record<string, Json> {
  // Not zod's own registry: a process that loads the schemas twice would have each name twice.
  const registry = z.registry<{ id: string }>();
  for (const schema of named) registry.add(schema, { id: idOf(schema) });
  const made = z.toJSONSchema(registry, { uri: reference, io });
  return Object.fromEntries(Object.entries(made.schemas).map(([id, schema]) => [id, plain(schema as Json)]));
}

/** Everything a query or the headers may hold, as parameters. */
function parametersOf(schema: z.ZodObject | undefined, place: 'query' | 'header'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

function answerOf(answer: RouteAnswer, spec: RouteSpec): Json {
  const types = answer.contentTypes ?? (answer.schema ? ['application/json'] : []);
  const schema = answer.schema ? { $ref: reference(idOf(answer.schema)) } : {};
  return {
    description: answer.description,
    headers: headersOf(
      [...(answer.headers ?? []), 'x-request-id'],
      [
        ...(answer.optionalHeaders ?? []),
        ...keyHeaders(spec),
        ...(spec.query && 'cursor' in spec.query.shape ? ['link'] : []),
        ...(spec.headers && 'idempotency-key' in spec.headers.shape ? ['idempotency-replayed'] : []),
      ],
    ),
    ...(types.length > 0 ? { content: Object.fromEntries(types.map((type) => [type, { schema }])) } : {}),
  };
}

function headersOf(always: readonly string[], sometimes: readonly string[]): Json {
  const header = (name: string, required: boolean) => ({
    description: RESPONSE_HEADERS[name],
    required,
    schema: { type: 'string' },
  });
  return Object.fromEntries([
    ...sometimes.map((name) => [name, header(name, false)]),
    ...always.map((name) => [name, header(name, true)]),
  ]);
}

/** What calls with an API key are told of its limit; sessions have none. */
function keyHeaders({ permission }: RouteSpec): string[] {
  return permission === 'public' ? [] : ['ratelimit', 'ratelimit-policy'];
}

const problemHeaders: Record<string, string[]> = {
  401: ['www-authenticate'],
  429: ['retry-after'],
  503: ['retry-after'],
  507: ['retry-after'],
};

/** One answer per status, with the codes it may carry. */
function problemsOf(codes: readonly ErrorCode[], spec: RouteSpec): Record<string, Json> {
  const byStatus = Map.groupBy(codes, (code) => String(statusOf[code]));
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [
      status,
      {
        description: `Refused: ${some.join(', ')}.`,
        headers: headersOf(
          ['x-request-id', 'content-language', ...(problemHeaders[status] ?? [])],
          [...keyHeaders(spec), ...(some.includes('idempotency_key_in_flight') ? ['retry-after'] : [])],
        ),
        content: {
          'application/problem+json': {
            schema: { allOf: [{ $ref: reference('Problem') }, { properties: { code: { enum: some } } }] },
          },
        },
      },
    ]),
  );
}

function operationOf(name: string, spec: RouteSpec): Json {
  const { path } = splitRouteName(name);
  const answers = Object.entries(spec.answers).map(([status, answer]) => [status, answerOf(answer, spec)]);
  return {
    operationId: spec.id,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description ? { description: spec.description } : {}),
    'x-permission': spec.permission,
    security: spec.permission === 'public' ? [] : [{ apiKey: [] }, { session: [] }],
    parameters: [
      ...pathParameters(path).map((parameter) => ({
        name: parameter,
        in: 'path',
        required: true,
        ...PARAMETERS[parameter],
      })),
      ...parametersOf(spec.query, 'query'),
      ...parametersOf(spec.headers, 'header'),
    ],
    ...(spec.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: reference(idOf(spec.body)) } } },
          },
        }
      : {}),
    responses: { ...problemsOf(problemCodesOf(name, spec), spec), ...Object.fromEntries(answers) },
  };
}

/** The contract as an OpenAPI 3.1 document, made from the schemas that check the requests. */
export function openApiDocument(publicUrl: string): Json {
  const routes: [string, RouteSpec][] = Object.entries(ROUTES);
  const requests = new Set(routes.flatMap(([, { body }]) => (body ? [idOf(body)] : [])));
  const incoming = Object.entries(componentsOf('input')).filter(([id]) => requests.has(id));
  const paths: Record<string, Json> = {};
  for (const [name, spec] of routes) {
    const { method, path } = splitRouteName(name);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(name, spec) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Carga',
      version: '1',
      summary: 'Loads files into tables: every row inserted, updated, deleted, left alone or refused with its reason.',
      license: { name: 'Proprietary', identifier: 'LicenseRef-proprietary' },
    },
    servers: [{ url: publicUrl }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...componentsOf('output'), ...Object.fromEntries(incoming) },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key.' },
        session: { type: 'apiKey', in: 'cookie', name: 'next-auth.session-token', description: "A browser's session." },
      },
    },
  };
}
