import fc from 'fast-check';
import { expect, test } from 'vitest';
import { guardFormula, unguardFormula } from './formula-guard.ts';

test.each(['=1+1', '+55 11 9999-0000', '-abc', '@eu', '\t=1', '\r=1', '\n=1', '＝1+1', "'=1+1", '-1+1'])(
  '%j is no formula once it is guarded',
  (text) => expect(guardFormula(text)).toBe(`'${text}`),
);

test.each(['', 'a=1', '-7', '+7,50', '-1.234,56', '-1e9', "'abc", "d'água"])('%j is left alone', (text) =>
  expect(guardFormula(text)).toBe(text),
);

test('every text comes back', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("'", '=', '-', '1', '\t', '＋', 'a') }));
  fc.assert(fc.property(text, (sent) => unguardFormula(guardFormula(sent)) === sent));
});
