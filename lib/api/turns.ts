import { AppError } from '../errors.ts';

/** How much may go on at once. */
export interface TurnLimits {
  /** Pieces of work at the same time. */
  atOnce: number;
  /** Callers that may wait for one of them to end. */
  waiting: number;
  /** The longest that anybody waits. */
  waitMs: number;
}

/** Lets some work at a time, some more wait, in the order they came, and sends the others away with when to come again. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #queue: (() => void)[] = [];
  #working = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Does the work when its turn has come. @throws AppError `too_busy`, the signal's reason, what the work throws */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#wait(signal);
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // The turn goes on to whoever waits longest; nobody who comes now can slip in between.
      if (next) next();
      else this.#working--;
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { atOnce, waiting, waitMs } = this.#limits;
    if (this.#working < atOnce) {
      this.#working++;
      return;
    }
    if (this.#queue.length >= waiting) throw tooBusy();
    await new Promise<void>((resolve, reject) => {
      const leave = (reason: unknown) => {
        this.#queue.splice(this.#queue.indexOf(begin), 1);
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        reject(reason);
      };
      const giveUp = () => leave(signal.reason);
      const timer = setTimeout(() => leave(tooBusy()), waitMs);
      const begin = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#queue.push(begin);
    });
  }
}

function tooBusy(): AppError {
  return new AppError('too_busy', 'more work is waiting than may');
}
