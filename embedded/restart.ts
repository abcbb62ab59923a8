import { setTimeout as sleep } from 'node:timers/promises';

/** Something that runs until it ends by itself or is stopped. */
export interface Running {
  exited: Promise<unknown>;
}

/** Something that is started again whenever it ends unasked. */
export interface KeptRunning<T extends Running> {
  /** The one that runs now, or the last one. */
  readonly current: T;
  /** Ends the watch. Resolves, once a start that is under way is through, with what is left to stop. */
  release(): Promise<T>;
}

// Quick enough for a crash by chance, slow enough not to fill the log when each start fails.
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
/** What ran this long was sound: its end does not count as another failed start. */
const SOUND_AFTER_MS = 60_000;

/**
 * Keeps something running: starts it again after it ended, waiting longer each time it ends soon.
 * `onEnd` is told before each wait; `onGiveUp` when a start itself throws.
 */
export async function keepRunning<T extends Running>(
  start: () => Promise<T> | T,
  onEnd: (end: unknown, delayMs: number) => void,
  onGiveUp: (error: unknown) => void,
): Promise<KeptRunning<T>> {
  let released = false;
  let starting: Promise<T> = Promise.resolve(start());
  let current = await starting;
  const watch = async () => {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      const startedAt = Date.now();
      const end = await current.exited;
      if (released) return;
      if (Date.now() - startedAt > SOUND_AFTER_MS) delayMs = FIRST_DELAY_MS;
      onEnd(end, delayMs);
      await sleep(delayMs, undefined, { ref: false });
      if (released) return;
      starting = Promise.resolve(start());
      current = await starting;
    }
  };
  void watch().catch(onGiveUp);
  return {
    get current() {
      return current;
    },
    release() {
      released = true;
      // A start that fails leaves nothing running but what ran before.
      return starting.catch(() => current);
    },
  };
}
