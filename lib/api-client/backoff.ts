/** First pause; short, since most failures are a server that restarts or a packet that got lost. */
const FIRST_DELAY_MS = 250;

/** Longest pause: a user who watches should not wait longer than this once the server is back. */
const LONGEST_DELAY_MS = 8000;

/** Pause before try number `tries + 1`: doubled each time, with up to a half taken off so that clients spread out. */
export function backoffMs(tries: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1));
  return full * (0.5 + Math.random() / 2);
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
