import { expect, it } from 'vitest';
import { encodeLevels } from './encode-levels.ts';

it('writes one run where all levels are equal, else all of them as bits', () => {
  expect([...encodeLevels(new Uint8Array(300).fill(1))]).toEqual([3, 0, 0, 0, 0xd8, 4, 1]);
  expect([...encodeLevels(new Uint8Array(3))]).toEqual([2, 0, 0, 0, 6, 0]);
  expect([...encodeLevels(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 1))]).toEqual([3, 0, 0, 0, 5, 0x81, 2]);
  expect([...encodeLevels(new Uint8Array(0))]).toEqual([2, 0, 0, 0, 0, 0]);
});
