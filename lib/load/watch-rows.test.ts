import { expect, test } from 'vitest';
import { lastRowNumber } from './watch-rows.ts';

const last = (text: string) => lastRowNumber(Buffer.from(text));

test('tells the last row that is whole, wherever the text was cut', () => {
  expect(last('7\ta\n8\tb\n')).toBe(8);
  expect(last('e\n12\ta\n13\tb\n14')).toBe(13);
  expect(last('\n1000000\n')).toBe(1_000_000);
});

test('says nothing of text that is too short to tell', () => {
  for (const text of ['', '12\ta', '\n', 'a\n13', '13\ta\n']) expect(last(text)).toBeNull();
});
