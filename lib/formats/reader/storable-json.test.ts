import { expect, test } from 'vitest';
import { storableJson } from './storable-json.ts';

test('shows what jsonb cannot store and leaves the rest alone', () => {
  const cases: [json: string, storable: string][] = [
    ['{"a":"\\u0000","b":"\\\\u0000","c":"\\\\\\u0000"}', '{"a":"␀","b":"\\\\u0000","c":"\\\\␀"}'],
    ['{"a":"x\0y"}', '{"a":"x␀y"}'],
    ['{"a":"\\ud83d\\ude00","b":"\\ud83d","c":"\\ude00\\ud83d"}', '{"a":"\\ud83d\\ude00","b":"�","c":"��"}'],
    ['{"a":"\ud800"}', '{"a":"�"}'],
    ['{"a":1e400,"b":-1.5E+999,"c":1e1000,"d":"1e99999"}', '{"a":1e400,"b":-1.5E+999,"c":"1e1000","d":"1e99999"}'],
    [`{"a":${'9'.repeat(2000)}}`, `{"a":"${'9'.repeat(2000)}"}`],
    ['{"a":[1,2.50,-0.0,true,null],"b\\"1e9999":{}}', '{"a":[1,2.50,-0.0,true,null],"b\\"1e9999":{}}'],
  ];
  for (const [json, storable] of cases) expect(storableJson(json)).toBe(storable);
  const long = `{"a":"${'\\\\x'.repeat(2_000_000)}"}`;
  expect(storableJson(long)).toBe(long);
});
