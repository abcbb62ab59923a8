import { describe, expect, it } from 'vitest';
import { cellCheckOf } from './check-cell.ts';

const codeOf = (type: string, text: string) => cellCheckOf(type)?.(text) ?? null;

describe('cellCheckOf', () => {
  it.each([
    ['smallint', ['0', ' -32768 ', '+32767', '000000032767', '0x1F', '1_000'], ['', '1.0', 'a', '1e3', '1-']],
    ['integer', ['2147483647', '-2147483648'], ['12a', '1,5', 'true']],
    ['bigint', ['9223372036854775807'], ['9.0']],
    ['numeric(5,2)', ['999.99', '-.5', '1.', '00001', '1e9', 'NaN', 'Infinity', '1_0'], ['1,5', 'abc', '1.2.3', '']],
    ['numeric(2,4)', ['0', '0.001'], ['x']],
    ['numeric', ['1'.repeat(100)], ['--1']],
    ['double precision', ['1e400', '-inf', '.5E-3'], ['1,0']],
    ['boolean', ['t', ' TRUE ', 'yes', 'n', 'on', 'of', '0'], ['sim', '2', 'o', 'verdadeiro', '']],
    ['uuid', ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{a0eebc999c0b4ef8bb6d6bb9bd380a11}'], ['a0eebc99', 'x']],
    [
      'date',
      ['2024-02-29', '0001-01-01', 'infinity', 'Jan 8 1999', '31/01/2024', '20240131', '2024-1-5'],
      ['2023-02-29', '2024-13-01', 'hoje', '01/31/2024', '0000-01-01'],
    ],
    [
      'timestamp(3) without time zone',
      ['2024-02-29 23:59:60', '2024-01-01T24:00:00Z', 'now'],
      ['2024-01-01 25:00', '2024-01-01 12:61', 'ontem'],
    ],
    ['timestamp with time zone', ['2024-01-01 00:00:00.123456-03'], ['2024-02-30 00:00']],
    ['time without time zone', ['23:59', '24:00:00', '101112'], ['25:00', 'tarde', '12:60']],
    ['jsonb', ['{"a":1}', 'null', '"x"'], ['{a:1}', '', '{"a":1,}']],
  ])('tells what %s refuses, and nothing that it takes', (type, good, bad) => {
    for (const text of good) expect([text, codeOf(type, text)]).toEqual([text, null]);
    for (const text of bad) expect([text, codeOf(type, text)]).toEqual([text, 'invalid_value']);
  });

  it('tells numbers out of range', () => {
    for (const [type, text] of [
      ['smallint', '32768'],
      ['integer', '-2147483649'],
      ['bigint', '9223372036854775808'],
      ['numeric(5,2)', '1000'],
      ['numeric(2,-3)', '100000'],
    ] as const) {
      expect([type, codeOf(type, text)]).toEqual([type, 'value_out_of_range']);
    }
  });

  it('counts characters as PostgreSQL does', () => {
    expect(codeOf('character varying(3)', '😀😀😀')).toBeNull();
    expect(codeOf('character varying(3)', 'abc  ')).toBeNull();
    expect(codeOf('character varying(3)', 'abcd')).toBe('value_too_long');
    expect(codeOf('character(2)', 'ab c')).toBe('value_too_long');
  });

  it('says nothing of types it does not know', () => {
    for (const type of ['text', 'integer[]', 'inet', 'loja.cor', '"integer"', 'character varying', 'interval']) {
      expect(cellCheckOf(type)).toBeNull();
    }
  });
});
