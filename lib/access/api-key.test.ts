import { expect, test } from 'vitest';
import { describeApiKey, generateApiKey, isMistyped } from './api-key.ts';

test('a key can be told from other texts, and each is another', () => {
  const keys = Array.from({ length: 1000 }, generateApiKey);
  for (const key of keys) expect(key).toMatch(/^carga_[0-9A-Za-z]{49}$/);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.filter(isMistyped)).toEqual([]);
});

test('one wrong or two swapped characters are seen without asking anybody', () => {
  const key = generateApiKey();
  for (let at = 6; at < key.length; at++) {
    const other = key[at] === 'x' ? 'y' : 'x';
    expect(isMistyped(key.slice(0, at) + other + key.slice(at + 1))).toBe(true);
    const swapped = key.slice(0, at) + (key[at + 1] ?? '') + key[at] + key.slice(at + 2);
    if (swapped !== key) expect(isMistyped(swapped)).toBe(true);
  }
});

test.each(['carga_x', 'carga_test_0123456789abcdefghijABCDEFGHIJ-_0123456', `carga_${'a'.repeat(43)}`, 'errada'])(
  '%s carries no checksum that could be wrong',
  (key) => expect(isMistyped(key)).toBe(false),
);

test('no more of a key is kept than its hash, its beginning and its end', () => {
  const key = generateApiKey();
  const kept = describeApiKey(key);
  expect([kept.prefix, kept.lastFour]).toEqual([key.slice(0, 10), key.slice(-4)]);
  expect(kept.secretHash).toHaveLength(32);
});
