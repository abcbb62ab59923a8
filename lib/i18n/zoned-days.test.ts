import { expect, test } from 'vitest';
import { addDays, dayOf, startOfDay } from './zoned-days.ts';

test('a moment is on another day in another zone', () => {
  const moment = Date.parse('2026-11-22T01:30:00Z');
  expect(dayOf(moment, 'America/Sao_Paulo')).toBe('2026-11-21');
  expect(dayOf(moment, 'Asia/Tokyo')).toBe('2026-11-22');
});

test('days are counted over the ends of months and years', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2024-03-01', -1)).toBe('2024-02-29');
});

test('a day begins at its zone’s midnight, also where the clocks change that day', () => {
  expect(startOfDay('2026-11-22', 'America/Sao_Paulo')).toBe('2026-11-22T03:00:00.000Z');
  expect(startOfDay('2026-11-22', 'Asia/Tokyo')).toBe('2026-11-21T15:00:00.000Z');
  expect(startOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
  expect(startOfDay('2026-10-26', 'Europe/Berlin')).toBe('2026-10-25T23:00:00.000Z');
  // There was no midnight: the clocks went from 23:59 to 1:00.
  expect(startOfDay('2018-11-04', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00.000Z');
  // They went from 23:59 back to 23:00.
  expect(startOfDay('2018-02-18', 'America/Sao_Paulo')).toBe('2018-02-18T03:00:00.000Z');
});
