/** Runs tasks of the same key one after the other and tasks of different keys side by side. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    this.#tails.set(key, mine);
    try {
      return await mine;
    } finally {
      // Only the last in line removes the entry, or the map would grow with every key ever used.
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    }
  }
}
