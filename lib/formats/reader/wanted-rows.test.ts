import path from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, writeWanted } from './reader-test-kit.ts';
import { WantedRows } from './wanted-rows.ts';

async function openWanted(rows: readonly number[], isJudged: (row: number) => boolean): Promise<WantedRows> {
  const file = path.join(await makeFolder(), 'wanted');
  await writeWanted(file, rows, isJudged);
  return new WantedRows(file);
}

test('every wanted row is found among all rows, however many blocks their list takes', async () => {
  const rows = Array.from({ length: 50_000 }, (_, index) => index * 7 + 3);
  const wanted = await openWanted(rows, (row) => row % 2 === 0);
  const found: number[] = [];
  for (let row = 1; row <= 350_003; row++) {
    if (!wanted.isWanted(row)) continue;
    expect(wanted.isJudged).toBe(row % 2 === 0);
    found.push(row);
    wanted.advance();
  }
  expect(found).toEqual(rows);
  expect(wanted.row).toBe(Number.POSITIVE_INFINITY);
  wanted.close();
});

test('rows nobody asks about are passed over; an empty list wants none', async () => {
  const wanted = await openWanted([2, 5, 4_503_599_627_370_496], () => true);
  expect([1, 4, 5, 6].map((row) => wanted.isWanted(row))).toEqual([false, false, true, false]);
  expect(wanted.row).toBe(4_503_599_627_370_496);
  wanted.close();
  const none = await openWanted([], () => true);
  expect(none.isWanted(1)).toBe(false);
  none.close();
});
