import { describe, expect, it } from 'vitest';
import { displayWidth, formatTable, printable } from './printable.ts';

describe('printable', () => {
  it('shows control characters instead of letting the terminal carry them out', () => {
    expect(printable('a\x1b[31mb\x07\r\n\tc\x9b2J\u202Ed')).toBe('a\\u{1b}[31mb\\u{7}\\r\\n\\tc\\u{9b}2J\\u{202e}d');
    expect(printable("São João D'Oeste — 東京 🎉")).toBe("São João D'Oeste — 東京 🎉");
  });

  it('cuts long texts without halving a character', () => {
    expect(printable('abcdef', 6)).toBe('abcdef');
    expect(printable('abcdefg', 6)).toBe('abcde…');
    expect(printable('abcd🎉fg', 6)).toBe('abcd…');
  });
});

describe('formatTable', () => {
  it('aligns by what the terminal shows, not by code units', () => {
    expect(displayWidth('Sa\u0303o')).toBe(3);
    expect(displayWidth('東京')).toBe(4);
    expect(
      formatTable(
        [
          ['1', 'São', 'x'],
          ['100', '東京', 'y'],
        ],
        [0],
      ),
    ).toEqual(['  1  São   x', '100  東京  y']);
  });
});
