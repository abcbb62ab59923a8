import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Reads once for all who ask for the same in the same moment: everybody who watches a job is woken at once, and comes
 * back at once after a restart. Who asks gets what was read after they asked.
 */
export class SharedReads<Answer> {
  readonly #waiting = new Map<string, Promise<Answer>>();

  /** Reads what `key` stands for, together with all others. */
  ask(key: string, read: () => Promise<Answer>): Promise<Answer> {
    const waiting =
      this.#waiting.get(key) ??
      nextTurn().then(() => {
        // Who asks once the question is on its way may have heard of something newer.
        this.#waiting.delete(key);
        return read();
      });
    this.#waiting.set(key, waiting);
    return waiting;
  }
}
