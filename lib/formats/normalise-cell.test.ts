import { expect, it } from 'vitest';
import { normaliseCell, type TargetCategory } from './normalise-cell.ts';

const BRAZIL = { decimal: ',', dateFormat: 'dd/MM/yyyy' } as const;

it.each<[string, TargetCategory, string]>([
  ['1.234.567,89', 'number', '1234567.89'],
  ['-0,5', 'number', '-0.5'],
  [' 12 ', 'number', '12'],
  ['1.234', 'number', '1234'],
  ['1.5', 'number', '1.5'],
  ['1.23,4', 'number', '1.23,4'],
  ['1,2,3', 'number', '1,2,3'],
  ['R$ 1,00', 'number', 'R$ 1,00'],
  ['1,5', 'text', '1,5'],
  ['01/03/2024', 'date', '2024-03-01'],
  ['1/3/2024', 'date', '2024-03-01'],
  ['31/02/2024', 'date', '2024-02-31'],
  ['2024-03-01', 'date', '2024-03-01'],
  ['01/03/24', 'date', '01/03/24'],
  ['01/03/2024 10:20:30,5', 'timestamp', '2024-03-01 10:20:30,5'],
  ['01/03/2024T10:20Z', 'timestamp', '2024-03-01T10:20Z'],
  ['01/03/2024', 'text', '01/03/2024'],
])('with decimal comma and day first, %j as %s is %j', (text, category, expected) => {
  expect(normaliseCell(text, BRAZIL, category)).toBe(expected);
});

it('leaves numbers alone where the point is the decimal mark', () => {
  expect(normaliseCell('1,234', { decimal: '.', dateFormat: 'yyyy-mm-dd' }, 'number')).toBe('1,234');
});

it('reads other orders and leaves dates alone that the format does not name', () => {
  expect(normaliseCell('12.31.2024', { decimal: '.', dateFormat: 'mm.dd.yyyy' }, 'date')).toBe('2024-12-31');
  expect(normaliseCell('2024/1/2', { decimal: '.', dateFormat: 'yyyy/mm/dd' }, 'date')).toBe('2024-01-02');
  expect(normaliseCell('01/02/2024', { decimal: '.', dateFormat: 'dd/mm' }, 'date')).toBe('01/02/2024');
  expect(normaliseCell('(((', { decimal: '.', dateFormat: '(dd)mm(yyyy' }, 'date')).toBe('(((');
});
