import { expect, test } from 'vitest';
import { HOME_PATH, ownPath } from './own-path.ts';

test.each([
  ['/cargas?status=error#x', '/cargas?status=error#x'],
  ['/figuras/fornecedores', '/figuras/fornecedores'],
])('goes on to the own path %s', (wish, expected) => {
  expect(ownPath(wish)).toBe(expected);
});

test.each([
  undefined,
  null,
  '',
  'cargas',
  'https://evil.example/',
  '//evil.example/x',
  '/\\evil.example',
  '/\t/evil.example',
  '\\\\evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
  '/login?callbackUrl=/login',
  '/api/auth/signout',
  ['/cargas', '/x'],
  `/${'x'.repeat(3000)}`,
])('refuses %s', (wish) => {
  expect(ownPath(wish)).toBe(HOME_PATH);
});
