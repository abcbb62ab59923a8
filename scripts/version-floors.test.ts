import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** The first release without a hole that was published; wherever the package is in the lock, also below another. */
const FLOORS: Record<string, string> = {
  // Ways around the proxy, remote code through server components, requests to the inside.
  next: '16.2.6',
  react: '19.2.4',
  'react-dom': '19.2.4',
  // Messages to an address that somebody else chose; sessions.
  'next-auth': '4.24.15',
  jose: '4.15.5',
  cookie: '0.7.0',
  preact: '10.28.2',
  // Texts that take minutes to read, names that reach the prototype.
  papaparse: '5.2.0',
  semver: '7.5.2',
  'cross-spawn': '7.0.5',
  '@babel/runtime': '7.26.10',
  'js-yaml': '4.1.1',
  lodash: '4.17.23',
  postcss: '8.4.31',
  sharp: '0.32.6',
  zod: '3.22.3',
  ajv: '8.18.0',
  koa: '3.0.3',
  mysql2: '3.9.8',
};

const lock = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package-lock.json'), 'utf8'));
const installed = Object.entries(lock.packages as Record<string, { version?: string }>).map(
  ([folder, { version = '' }]) => ({ name: folder.slice(folder.lastIndexOf('node_modules/') + 13), version }),
);

const isBelow = (version: string, floor: string) => {
  const [have, want] = [version, floor].map((text) => text.split('-')[0]?.split('.').map(Number) ?? []);
  const part = want?.findIndex((number, index) => number !== have?.[index]) ?? -1;
  return part >= 0 && (have?.[part] ?? 0) < (want?.[part] ?? 0);
};

test('no package is older than the first release without its known holes', () => {
  expect([isBelow('16.2.5', '16.2.6'), isBelow('16.10.0', '16.2.6'), isBelow('15.9.9', '16.2.6')]).toEqual([
    true,
    false,
    true,
  ]);
  expect(installed.filter(({ name, version }) => isBelow(version, FLOORS[name] ?? '0'))).toEqual([]);
});

test('every floor is one of a package that is there', () => {
  const names = new Set(installed.map(({ name }) => name));
  expect(Object.keys(FLOORS).filter((name) => !names.has(name))).toEqual([]);
});
