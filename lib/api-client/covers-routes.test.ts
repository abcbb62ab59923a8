import { expect, it } from 'vitest';
import { ROUTES } from '#lib/api/routes.ts';
import { createApiClient } from './create-api-client.ts';

/** A value for a parameter, wherever the client puts it. */
const TEXT = 'x';
/** Reached by functions whose name is not theirs alone: the file as it is, any of the addresses. */
const NOT_A_ROUTE = new Set(['download']);

/** The route of a request, as the list of routes names it. */
function routeOf(method: string, address: string): string {
  const { pathname } = new URL(address);
  const isIt = (name: string) => {
    const [wanted, template = ''] = name.split(' ');
    const pattern = template.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+');
    return wanted === method && new RegExp(`^${pattern}$`).test(pathname);
  };
  // What is written out comes before what a parameter could stand for.
  const [found] = Object.keys(ROUTES)
    .filter(isIt)
    .sort((a, b) => a.split('{').length - b.split('{').length);
  return found ?? `${method} ${pathname}`;
}

it('has a function for every route, and none for anything else', async () => {
  const called = new Set<string>();
  const client = createApiClient({
    baseUrl: 'http://carga.test',
    fetch: async (input, init) => {
      called.add(routeOf(init?.method ?? 'GET', String(input)));
      // Refused for good: nothing is asked twice.
      return Response.json({ code: 'forbidden' }, { status: 403 });
    },
  });
  const signal = AbortSignal.timeout(20_000);
  for (const [name, work] of Object.entries(client) as [string, (...args: unknown[]) => unknown][]) {
    if (NOT_A_ROUTE.has(name)) continue;
    const given = [TEXT, TEXT, TEXT, { signal, giveUpAfterMs: 0 }];
    const result = work(...given.slice(0, Math.max(work.length, 1)), ...given.slice(-1));
    if (typeof result === 'string') called.add(routeOf('GET', result));
    else if (result instanceof Promise) await result.catch(() => {});
    else await (result as AsyncGenerator).next().catch(() => {});
  }
  expect([...called].sort()).toEqual(Object.keys(ROUTES).sort());
});
