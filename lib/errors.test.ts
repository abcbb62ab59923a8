import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { statusOf } from './errors.ts';
import { ROW_FAULT_CODES } from './job/row-faults.ts';

/** Every code in the first column of the guide's tables. */
function codesOfGuide(): string[] {
  const guide = readFileSync(new URL('../docs/errors-and-how-to-mend-them.md', import.meta.url), 'utf8');
  const cells = [...guide.matchAll(/^\| (`[^|]*?) \|/gm)].map(([, cell]) => cell as string);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, code]) => code as string));
}

test('the guide to errors says of every code what to do, once, and of nothing else', () => {
  expect(codesOfGuide().sort()).toEqual([...Object.keys(statusOf), ...ROW_FAULT_CODES].sort());
});
