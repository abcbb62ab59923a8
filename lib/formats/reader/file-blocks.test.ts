import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { eachBlock } from './file-blocks.ts';
import { makeFolder } from './reader-test-kit.ts';

test('a row of many blocks is shown a few times, not once for each of them', async () => {
  const file = path.join(await makeFolder(), 'a');
  await writeFile(file, Buffer.alloc(8 << 20, 'a'));
  const shown: number[] = [];
  await eachBlock({ path: file }, (bytes, _offset, isLast) => {
    shown.push(bytes.length);
    return isLast ? bytes.length : 0;
  });
  expect(shown.at(-1)).toBe(8 << 20);
  expect(shown.length).toBeLessThanOrEqual(6);
});

test('bytes not taken are shown again, before those that follow', async () => {
  const file = path.join(await makeFolder(), 'a');
  const content = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => (index * 7919) % 251));
  await writeFile(file, content);
  const taken: Buffer[] = [];
  await eachBlock({ path: file, from: 5, to: content.length - 5 }, (bytes, offset, isLast) => {
    const count = isLast ? bytes.length : bytes.length - (bytes.length % 1000);
    expect(offset).toBe(5 + taken.reduce((sum, { length }) => sum + length, 0));
    taken.push(Buffer.from(bytes.subarray(0, count)));
    return count;
  });
  expect(Buffer.concat(taken).equals(content.subarray(5, -5))).toBe(true);
});
