import { setTimeout as sleep } from 'node:timers/promises';

/** Something that runs until it ends by itself or is stopped. */
export interface Running {
  exited: Promise<unknown>;
}

/** Something that is started again whenever it ends unasked. */
export interface KeptRunning<T extends Running> {
  /** The one that runs now, or the last one. */
  readonly current: T;
  /** Ends the watch; what runs is stopped by whoever calls this. */
  release(): void;
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
  let current = await start();
  const watch = async () => {
    for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      const startedAt = Date.now();
      const end = await current.exited;
      if (released) return;
      if (Date.now() - startedAt > SOUND_AFTER_MS) delayMs = FIRST_DELAY_MS;
      onEnd(end, delayMs);
      await sleep(delayMs, undefined, { ref: false });
      if (released) return;
      current = await start();
    }
  };
  void watch().catch(onGiveUp);
  return {
    get current() {
      return current;
    },
    release() {
      released = true;
    },
  };
}
