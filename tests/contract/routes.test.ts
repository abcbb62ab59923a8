import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { PERMISSIONS } from '#lib/access/caller.ts';
import { openApiDocument } from '#lib/api/openapi.ts';
import type { RouteSpec } from '#lib/api/route-spec.ts';
import { ROUTES } from '#lib/api/routes.ts';
import { statusOf } from '#lib/errors.ts';

const root = path.resolve(import.meta.dirname, '../../app');

/** next-auth's own, and the answer to addresses that are no route. */
const NOT_OURS = new Set(['/api/auth/[...nextauth]', '/api/[[...path]]']);

/** Handlers as Next finds them: method and path of each, and the name under which its file makes it. */
function findHandlers() {
  return globSync('api/**/route.ts', { cwd: root }).flatMap((file) => {
    const folder = `/${path.dirname(file)}`.replaceAll('%5F', '_');
    if (NOT_OURS.has(folder)) return [];
    const address = folder.replace(/\[(\w+)\]/g, '{$1}');
    const source = readFileSync(path.join(root, file), 'utf8');
    const exported = [...source.matchAll(/export (?:const|async function|function) ([A-Z]+)\b/g)];
    return exported.map(([, method]) => ({
      name: `${method} ${address}`,
      isMadeFromIt:
        source.includes(`${method} = route('${method} ${address}',`) ||
        new RegExp(`${method} = route\\(\\s*'${method} ${address.replace(/[{}/.]/g, '\\$&')}'`).test(source),
    }));
  });
}

test('every handler is in the list of routes, every entry has a handler, made from that very entry', () => {
  const handlers = findHandlers();
  expect(handlers.map(({ name }) => name).sort()).toEqual(Object.keys(ROUTES).sort());
  expect(handlers.filter(({ isMadeFromIt }) => !isMadeFromIt)).toEqual([]);
});

test('every route has a rule, and a name of its own', () => {
  const specs: RouteSpec[] = Object.values(ROUTES);
  for (const { permission } of specs) expect([...Object.keys(PERMISSIONS), 'public']).toContain(permission);
  expect(new Set(specs.map(({ id }) => id)).size).toBe(specs.length);
  for (const code of specs.flatMap(({ problems = [] }) => problems)) expect(Object.keys(statusOf)).toContain(code);
});

test('the OpenAPI document passes a linter without an error', async () => {
  const source = JSON.stringify(openApiDocument('https://carga.example'));
  const config = await createConfig({ extends: ['recommended'] });
  const findings = await lintFromString({ source, config });
  const told = findings.map(({ severity, ruleId, message, location }) =>
    [severity, ruleId, message, location[0] && 'pointer' in location[0] ? location[0].pointer : ''].join(' '),
  );
  expect(told.filter((line) => line.startsWith('error'))).toEqual([]);
});
