import { expect, test } from 'vitest';
import { niceTop } from './plot-frame.tsx';

test.each([
  [0, 2],
  [1, 2],
  [3, 4],
  [4, 4],
  [5, 10],
  [10, 10],
  [11, 20],
  [1_204_331, 2_000_000],
])('a plot of up to %i ends at %i', (value, top) => {
  expect(niceTop(value)).toBe(top);
  expect(Number.isInteger(top / 2)).toBe(true);
});
