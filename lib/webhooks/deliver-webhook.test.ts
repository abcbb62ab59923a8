import { expect, test } from 'vitest';
import { delayBefore, MAX_TRIES } from './deliver-webhook.ts';

test('eight tries within nine hours, each later than the one before', () => {
  const delays = Array.from({ length: MAX_TRIES - 1 }, (_try, index) => delayBefore(MAX_TRIES - 1 - index, 0.5) ?? 0);
  expect(delays.map(Math.round)).toEqual([5, 30, 120, 600, 1800, 7200, 21_600]);
  expect(delayBefore(0)).toBeNull();
  expect(delayBefore(7, 0)).toBeCloseTo(4.5);
  expect(delayBefore(7, 1)).toBeCloseTo(5.5);
});
