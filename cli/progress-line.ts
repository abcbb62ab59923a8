import type { Writable } from 'node:stream';
import { displayWidth } from './printable.ts';

/** Ten times a second looks steady and costs nothing; a file of a gigabyte reports thousands of times. */
const REDRAW_MS = 100;

/** Where nobody watches, such as a CI log: often enough to see that it lives, and nothing at all of quick work. */
const LINE_EVERY_MS = 5000;

const BAR_WIDTH = 24;
const DEFAULT_COLUMNS = 80;

/** Where progress is shown. */
export type ProgressStream = Writable & { isTTY?: boolean; columns?: number };

/** One state of a piece of work. */
export interface ProgressState {
  label: string;
  /** 0 to 1; null while nobody knows. */
  fraction: number | null;
  /** Figures behind the bar, the most telling first: on a narrow terminal the last go. */
  details: string[];
}

/**
 * Shows how far a piece of work is: a line that is drawn anew on a terminal, elsewhere a line every few seconds of
 * work. Whatever else is written to the same stream must be preceded by `clear`.
 */
export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  #shownAt = Number.NEGATIVE_INFINITY;
  #label = '';
  #isDrawn = false;

  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  /** Shows a state, unless the last one is too fresh. */
  update(state: ProgressState): void {
    const now = this.#now();
    if (state.label !== this.#label) {
      this.#label = state.label;
      this.#shownAt = this.#stream.isTTY ? Number.NEGATIVE_INFINITY : now;
    }
    if (now - this.#shownAt < (this.#stream.isTTY ? REDRAW_MS : LINE_EVERY_MS)) return;
    this.#shownAt = now;
    const line = this.#stream.isTTY ? drawBar(state, this.#stream.columns ?? DEFAULT_COLUMNS) : writeLine(state);
    if (this.#stream.isTTY) {
      this.#stream.write(`\r${line}\x1b[K`);
      this.#isDrawn = true;
    } else {
      this.#stream.write(`${line.trimEnd()}\n`);
    }
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isDrawn) this.#stream.write('\r\x1b[K');
    this.#isDrawn = false;
    this.#label = '';
  }
}

function percentOf(fraction: number): string {
  // Never 100 % before the end: rounding down keeps the promise.
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}

function writeLine({ label, fraction, details }: ProgressState): string {
  return [label, ...(fraction === null ? [] : [percentOf(fraction)]), ...details].join('  ');
}

function drawBar({ label, fraction, details }: ProgressState, columns: number): string {
  let line = label;
  if (fraction !== null) {
    const filled = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH);
    line += ` [${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}] ${percentOf(fraction).padStart(5)}`;
  }
  for (const detail of details) {
    const longer = `${line}  ${detail}`;
    // A line that wraps could not be drawn over; the last column is left to the cursor.
    if (displayWidth(longer) >= columns) break;
    line = longer;
  }
  return displayWidth(line) < columns
    ? line
    : Array.from(line)
        .slice(0, Math.max(0, columns - 1))
        .join('');
}
