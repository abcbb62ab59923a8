import { expect, test } from 'vitest';
import { throughputOf } from './throughput-points.ts';

test('the speed is that between two samples, and never below nothing', () => {
  const sample = (elapsedMs: number, rowsRead: number) => ({
    attempt: 1,
    elapsedMs,
    phase: 'staging' as const,
    rowsRead,
  });
  const points = throughputOf([sample(1000, 0), sample(2000, 5000), sample(4000, 6000), sample(5000, 5500)]);
  expect(points.map(({ rowsPerSecond }) => rowsPerSecond)).toEqual([0, 5000, 500, 0]);
});
