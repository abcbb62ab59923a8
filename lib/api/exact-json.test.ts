import { expect, test } from 'vitest';
import { cellText } from './error-download.ts';
import { parseExactJson } from './exact-json.ts';

test.each([
  '{"a":12345678901234567890,"b":0.1,"c":1.10,"d":-0,"e":1e400,"f":[9007199254740993,{"g":1.0}]}',
  '{"__proto__":1.50,"constructor":"x","n":null,"t":true}',
  '123456789012345678901234567890.123456789',
])('%s comes back as it was', (text) => {
  expect(JSON.stringify(parseExactJson(text))).toBe(text);
});

test('a CSV cell holds the digits of the number', () => {
  const row = parseExactJson('{"a":9007199254740993,"b":{"c":1.10},"d":1.5}') as Record<string, unknown>;
  expect([row.a, row.b, row.d].map(cellText)).toEqual(['9007199254740993', '{"c":1.10}', '1.5']);
});
