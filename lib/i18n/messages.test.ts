import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import en from './messages/en.json' with { type: 'json' };
import ptBR from './messages/pt-BR.json' with { type: 'json' };

const root = path.resolve(import.meta.dirname, '../..');

function leaves(node: object, above = ''): [string, string][] {
  return Object.entries(node).flatMap(([name, value]) => {
    const key = above ? `${above}.${name}` : name;
    return typeof value === 'string' ? [[key, value] as [string, string]] : leaves(value as object, key);
  });
}

/** Names of the placeholders a message fills; `other {word}` is an option, not a placeholder. */
function placeholders(message: string): string[] {
  return [
    ...new Set([...message.matchAll(/(?<!\b(?:yes|one|other)\s)\{\s*([A-Za-z]\w*)\s*[,}]/g)].map(([, name]) => name!)),
  ].sort();
}

test('both languages have the same keys, and each message the same placeholders', () => {
  expect(leaves(en).map(([key]) => key)).toEqual(leaves(ptBR).map(([key]) => key));
  const english = new Map(leaves(en));
  for (const [key, message] of leaves(ptBR)) {
    expect(message.trim(), key).not.toBe('');
    expect(placeholders(english.get(key) ?? ''), key).toEqual(placeholders(message));
  }
});

/**
 * The texts of pages that the code never names; faults are looked up by their code and tested beside translate,
 * figuras' documentation beside what writes it, and actions of the audit are a type of what may be written there.
 */
test('every message of a page is used', () => {
  const source = ['app', 'components']
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        path.join(root, folder, file),
      ),
    )
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  // `jobs.status.error` counts as used when its last step stands in quotes or in a template that ends a key.
  const dynamic = [...source.matchAll(/`([\w.]*)\$\{[^`]*\}(\w*)`/g)].map(
    ([, head = '', tail = '']) => [head, tail] as const,
  );
  const unused = leaves(ptBR).filter(([key]) => {
    if (/^(errors|rowFaults|faultCodes|fieldFaults|faults|documentation|audit\.actions)\./.test(key)) return false;
    const steps = key.split('.');
    const endings = steps.map((_, index) => steps.slice(index).join('.'));
    if (endings.some((ending) => source.includes(`'${ending}'`) || source.includes(`"${ending}"`))) return false;
    return !dynamic.some(
      ([head, tail]) => (head || tail) && endings.some((ending) => ending.startsWith(head) && ending.endsWith(tail)),
    );
  });
  expect(unused.map(([key]) => key)).toEqual([]);
});
