import { expect, test } from 'vitest';
import { mappingFromText, mappingToText } from './mapping-text.ts';

test('lines become a mapping and lines again', () => {
  const mapping = { 'Cód. = novo': 'codigo', Nome: 'nome' };
  expect(mappingFromText(mappingToText(mapping))).toEqual(mapping);
  expect(mappingFromText('\n  Nome=nome \r\n\n')).toEqual({ Nome: 'nome' });
  expect(mappingFromText('')).toEqual({});
});

test.each(['Nome', 'Nome =', '= nome', '='])('%s is no line of a mapping', (line) => {
  expect(mappingFromText(line)).toBeNull();
});
