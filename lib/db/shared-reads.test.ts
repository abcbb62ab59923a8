import { expect, test } from 'vitest';
import { SharedReads } from './shared-reads.ts';

test('those who ask in one moment share a read, and nobody joins one that is on its way', async () => {
  const reads = new SharedReads<number>();
  let begun = 0;
  const ends: (() => void)[] = [];
  const read = async () => {
    const number = ++begun;
    await new Promise<void>((resolve) => ends.push(resolve));
    return number;
  };
  const first = [reads.ask('a', read), reads.ask('a', read)];
  const other = reads.ask('b', read);
  await expect.poll(() => begun).toBe(2);
  const later = reads.ask('a', read);
  await expect.poll(() => begun).toBe(3);
  for (const end of ends) end();
  expect(await Promise.all([...first, other, later])).toEqual([1, 1, 2, 3]);
});

test('a read that fails fails for all who shared it, and the next one is tried anew', async () => {
  const reads = new SharedReads<string>();
  const fail = () => Promise.reject(new Error('away'));
  const asked = await Promise.allSettled([reads.ask('a', fail), reads.ask('a', fail)]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await reads.ask('a', async () => 'back')).toBe('back');
});
