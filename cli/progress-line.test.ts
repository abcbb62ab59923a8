import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { displayWidth } from './printable.ts';
import { ProgressLine } from './progress-line.ts';

function lineOn(surface: { isTTY: boolean; columns?: number }) {
  let now = 0;
  let written = '';
  const stream = Object.assign(new PassThrough(), surface);
  stream.on('data', (chunk) => {
    written += chunk;
  });
  const line = new ProgressLine(stream, () => now);
  return {
    line,
    written: () => written,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

const state = (fraction: number | null, ...details: string[]) => ({ label: 'Loading', fraction, details });

describe('ProgressLine', () => {
  it('draws a bar anew on a terminal, not oftener than the eye sees', () => {
    const { line, wait, written } = lineOn({ isTTY: true, columns: 80 });
    line.update(state(0, '0 rows'));
    line.update(state(0.1, 'too soon'));
    wait(100);
    line.update(state(0.5, '500 rows'));
    line.clear();
    expect(written()).toBe(
      `\rLoading [${'░'.repeat(24)}]   0 %  0 rows\x1b[K\rLoading [${'█'.repeat(12)}${'░'.repeat(12)}]  50 %  500 rows\x1b[K\r\x1b[K`,
    );
  });

  it('never fills the last column, where the terminal would begin a new line', () => {
    for (const columns of [5, 20, 46, 47, 60]) {
      const { line, written } = lineOn({ isTTY: true, columns });
      line.update(state(0.5, '500 linhas', 'São João'));
      const shown = written().slice(1, -'\x1b[K'.length);
      expect(displayWidth(shown)).toBeLessThan(columns);
    }
  });

  it('does not say 100 % before the end', () => {
    const { line, written } = lineOn({ isTTY: true });
    line.update(state(0.9999));
    expect(written()).toContain(' 99 %');
  });

  it('writes a line every five seconds where nobody watches, and no control characters', () => {
    const { line, wait, written } = lineOn({ isTTY: false });
    for (let step = 0; step < 120; step++) {
      line.update(state(step / 120, `${step} rows`));
      wait(100);
    }
    line.clear();
    expect(written()).toBe('Loading  41 %  50 rows\nLoading  83 %  100 rows\n');
  });
});
