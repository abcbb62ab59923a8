import { expect, test } from 'vitest';
import { orderWaiting } from './order-waiting.ts';

test('who takes comes after who gives up, however long the chain', () => {
  const chain = Array.from({ length: 50_000 }, (_row, n) => ({ n, holder: n + 1 }));
  const { order, circle } = orderWaiting(chain);
  expect(circle).toEqual([]);
  expect(order).toEqual(Array.from({ length: 50_000 }, (_row, n) => 49_999 - n));
});

test('a row may wait for several', () => {
  const { order } = orderWaiting([
    { n: 1, holder: 2 },
    { n: 1, holder: 3 },
    { n: 3, holder: 2 },
    { n: 2, holder: 9 },
  ]);
  expect(order).toEqual([2, 3, 1]);
});

test('rows that wait in a circle are told, and whoever waits for them', () => {
  const waits = [
    { n: 1, holder: 2 },
    { n: 2, holder: 1 },
    { n: 3, holder: 1 },
    { n: 4, holder: 8 },
  ];
  expect(orderWaiting(waits)).toEqual({ order: [4], circle: waits.slice(0, 3) });
});
