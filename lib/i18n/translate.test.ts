import { describe, expect, test } from 'vitest';
import { statusOf } from '../errors.ts';
import { ROW_FAULT_CODES } from '../job/row-faults.ts';
import { formatAgo, formatBytes, formatDuration, formatMoment, formatNumber } from './format.ts';
import { LOCALES, localeFrom } from './locales.ts';
import { translate } from './translate.ts';

describe('translate', () => {
  test.each(LOCALES)('has a text for every fault in %s, with and without details', (locale) => {
    const codes = [
      ...Object.keys(statusOf).map((code) => `errors.${code}`),
      ...ROW_FAULT_CODES.map((code) => `rowFaults.${code}`),
    ];
    const details = {
      name: 'x',
      column: 'cnpj',
      columns: 'a, b',
      value: 'y',
      maxBytes: 5,
      rejected: 3,
      row: 7,
      key: 'k',
    };
    for (const key of codes) {
      for (const values of [undefined, {}, details, { ...details, rejected: 'many', row: null }]) {
        const text = translate(locale, key, values);
        expect(text, key).not.toBe(key);
        expect(text, key).not.toMatch(/[{}]|undefined|null\b(?! character)|NaN/);
        expect(text, key).not.toMatch(/ {2}| [.,;]/);
      }
    }
  });

  test('fills placeholders in the words of the language', () => {
    expect(translate('pt-BR', 'errors.file_too_large', { maxBytes: 5 * 1024 ** 3, sizeBytes: 6442450944 })).toBe(
      'O arquivo tem 6 GiB e passa do limite de 5 GiB. Divida-o em arquivos menores.',
    );
    expect(translate('pt-BR', 'errors.file_too_large')).toBe(
      'O arquivo passa do limite. Divida-o em arquivos menores.',
    );
    expect(translate('en', 'errors.too_many_errors', { maxErrors: 12345 })).toContain('(12,345)');
    expect(translate('pt-BR', 'errors.too_many_errors', { maxErrors: 12345 })).toContain('(12.345)');
  });

  test('leaves hostile values literal', () => {
    const value = "{column} <b>' '{' constructor";
    expect(translate('en', 'rowFaults.unknown_op', { value })).toContain(`“${value}”`);
    expect(translate('en', 'errors.figura_not_found', { hasName: 'yes' })).toContain('of this name');
  });

  test('gives the key back where there is no message', () => {
    for (const key of ['', 'errors', 'errors.nope', 'errors.constructor', 'a.b.c', '__proto__.x']) {
      expect(translate('en', key)).toBe(key);
    }
  });
});

describe('localeFrom', () => {
  test.each([
    [null, null, 'pt-BR'],
    ['', undefined, 'pt-BR'],
    ['en-US,en;q=0.9', null, 'en'],
    ['pt-PT,pt;q=0.9,en;q=0.8', null, 'pt-BR'],
    ['fr, en;q=0.2, pt;q=0.5', null, 'pt-BR'],
    ['de', null, 'pt-BR'],
    ['EN', null, 'en'],
    ['en;q=0, pt', null, 'pt-BR'],
    ['english', null, 'pt-BR'],
    [';;;q=,,=', null, 'pt-BR'],
    ['pt-BR', 'en', 'en'],
    ['en', 'xx', 'en'],
  ])('%s with cookie %s is %s', (header, cookie, expected) => {
    expect(localeFrom(header, cookie)).toBe(expected);
  });
});

describe('formats', () => {
  test('write numbers, sizes, spans and moments as a reader of the language expects', () => {
    expect(formatNumber('pt-BR', 1234567)).toBe('1.234.567');
    expect(formatBytes('pt-BR', 1536)).toBe('1,5 KiB');
    expect(formatBytes('en', 0)).toBe('0 B');
    expect(formatBytes('en', 5 * 1024 ** 3)).toBe('5 GiB');
    expect(formatDuration('pt-BR', 320)).toBe('320 ms');
    expect(formatDuration('pt-BR', 4230)).toBe('4,2 s');
    expect(formatDuration('en', 200_000)).toBe('3 min 20 s');
    expect(formatDuration('en', 7_500_000)).toBe('2 h 5 min');
    const now = Date.parse('2026-11-22T17:05:09Z');
    expect(formatAgo('pt-BR', '2026-11-22T17:05:09Z', now)).toBe('agora');
    expect(formatAgo('pt-BR', '2026-11-22T17:00:00Z', now)).toBe('há 5 min.');
    expect(formatAgo('en', '2026-11-21T10:00:00Z', now)).toBe('yesterday');
    expect(formatAgo('en', '2026-11-22T17:06:09Z', now)).toBe('now');
    const zone = { timeZone: 'America/Sao_Paulo' };
    expect(formatMoment('pt-BR', '2026-11-22T17:05:09Z', zone)).toBe('22/11/2026 14:05');
    expect(formatMoment('en', '2026-11-22T17:05:09Z', zone)).toBe('22/11/2026 14:05');
    expect(formatMoment('pt-BR', '2026-11-22T17:05:09Z', { ...zone, style: 'full' })).toBe('22/11/2026 14:05:09 GMT-3');
  });
});
