import { expect, test } from 'vitest';
import { faultsByField } from './figura-form.tsx';

test('puts each fault at its field', () => {
  const errors = [
    { pointer: '/name', detail: 'a' },
    { pointer: '/key/0', detail: 'b' },
    { pointer: '/key/1', detail: 'c' },
    { pointer: '/other', detail: 'd' },
  ];
  expect(faultsByField({ code: 'invalid_request', detail: 'x', errors })).toEqual({ name: 'a', key: 'b' });
  expect(faultsByField({ code: 'table_not_found', detail: 'x', errors: [] })).toEqual({ table: 'x' });
  expect(faultsByField({ code: 'forbidden', detail: 'x', errors: [] })).toBeNull();
});
