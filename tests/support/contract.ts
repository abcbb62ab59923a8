import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fetchAgainIfClosed } from './fetch-again.ts';

/** A request by the name of its route. */
export interface ContractRequest {
  /** As in the list of routes: `GET /api/jobs`. */
  route: string;
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown;
  /** Over the administrator's key, which is there unless told. */
  headers?: Record<string, string>;
}

/** An answer that was held against the document. */
export interface ContractAnswer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  json: any;
  /** Everything in which the answer is not what the document says; empty when it is. */
  faults: string[];
}

/** A caller that holds every answer against the service's own OpenAPI document. */
export interface ContractClient {
  // biome-ignore lint/suspicious/noExplicitAny: a document is data
  document: any;
  call(request: ContractRequest): Promise<ContractAnswer>;
  /** Bodies of every answer so far that was a fault. */
  problems: string[];
}

/** Headers that are HTTP's, a proxy's or the whole server's, and no route's. */
const OF_EVERY_ANSWER = new Set(
  `connection keep-alive date transfer-encoding content-length content-encoding content-type cache-control vary
   x-content-type-options x-frame-options referrer-policy x-accel-buffering`.split(/\s+/),
);

/** Opens a caller of the service at `url`. */
export async function openContractClient(url: string, apiKey: string): Promise<ContractClient> {
  const document = await (await fetch(`${url}/api/openapi.json`)).json();
  // Formats stand beside patterns that say the same; `strict` would refuse OpenAPI's own words.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, 'document');
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (pointer: string) => {
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` });
    validators.set(pointer, known);
    return known;
  };
  const problems: string[] = [];

  function faultsOf(route: string, answer: Omit<ContractAnswer, 'faults'>): string[] {
    const [method = '', path = ''] = route.split(' ');
    const responses = document.paths[path]?.[method.toLowerCase()]?.responses;
    const response = responses?.[answer.status];
    if (!response) return [`status ${answer.status} is not in the document: ${answer.text.slice(0, 300)}`];
    const told: Record<string, { required: boolean }> = response.headers ?? {};
    const faults = [
      ...Object.keys(told)
        .filter((name) => told[name]?.required && !answer.headers.has(name))
        .map((name) => `no header ${name}`),
      ...[...answer.headers.keys()]
        .filter((name) => !Object.hasOwn(told, name) && !OF_EVERY_ANSWER.has(name))
        .map((name) => `header ${name} is not in the document`),
    ];
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    if (!response.content) return answer.bytes.length > 0 ? [...faults, 'a body that is not in the document'] : faults;
    if (!Object.hasOwn(response.content, type)) return [...faults, `content type ${type} is not in the document`];
    if (!/[/+]json$/.test(type) || !response.content[type].schema) return faults;
    const steps = ['paths', path, method.toLowerCase(), 'responses', String(answer.status), 'content', type, 'schema'];
    const pointer = steps.map((step) => `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`);
    const validate = validatorOf(pointer.join(''));
    if (!validate(answer.json)) faults.push(`${ajv.errorsText(validate.errors)}: ${answer.text.slice(0, 300)}`);
    return faults;
  }

  return {
    document,
    problems,
    async call({ route, params = {}, query = {}, body, headers = {} }) {
      const [method = '', template = ''] = route.split(' ');
      const path = template.replace(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(params[name] ?? 'x'));
      const response = await fetchAgainIfClosed(`${url}${path}?${new URLSearchParams(query)}`, {
        method,
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const text = Buffer.from(bytes).toString('utf8');
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        json = undefined;
      }
      const answer = { status: response.status, headers: response.headers, bytes, text, json };
      if (response.status >= 400) problems.push(text);
      return { ...answer, faults: faultsOf(route, answer) };
    },
  };
}
