import { expect, test } from 'vitest';
import { arrayLiteral } from './array-literal.ts';

test.each([
  ['[]', '{}'],
  [' [ 1 , null,-2.5e3 ] ', '{"1",NULL,"-2.5e3"}'],
  ['["a","","null",null]', '{"a","","null",NULL}'],
  ['["\\"","\\\\","\\u00e7\\n","{x}"]', '{"\\"","\\\\","ç\n","{x}"}'],
  ['[[1,2],[3,null]]', '{{"1","2"},{"3",NULL}}'],
  ['[{"a":[1,"]"]}]', '{"{\\"a\\":[1,\\"]\\"]}"}'],
  ['[NaN,-Infinity]', '{"NaN","-Infinity"}'],
  ['[true,12345678901234567890.10]', '{"true","12345678901234567890.10"}'],
])('%s becomes %s', (json, literal) => {
  expect(arrayLiteral(json, 'plain')).toBe(literal);
});

test('elements that are JSON stay JSON, lists inside included', () => {
  expect(arrayLiteral('["a",[1,2],{"b":1.0},null]', 'json')).toBe('{"\\"a\\"","[1,2]","{\\"b\\":1.0}",NULL}');
});

test('integers lose a fraction of zeros, others keep it', () => {
  expect(arrayLiteral('[7.0,7.5]', 'integer')).toBe('{"7","7.5"}');
  expect(arrayLiteral('[7.0]', 'plain')).toBe('{"7.0"}');
});

test.each(['', 'x', '{1,2}', '[0:1]={1,2}', '[1,2', '[1,2]]', '[1,,2]', '["a]', '[{]', `${'['.repeat(100)}`])(
  '%s is no list and stays for PostgreSQL to judge',
  (text) => {
    expect(arrayLiteral(text, 'plain')).toBe(text);
  },
);
