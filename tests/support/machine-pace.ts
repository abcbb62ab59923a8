import { setTimeout as sleep } from 'node:timers/promises';

/** Between two times, so that the watch itself adds little. */
const REST_MS = 100;

/** The longest that something small took while a test measured something else. */
export interface PaceWatch {
  /** Ends the watch and gives that time. */
  stop(): Promise<number>;
}

/**
 * Does something small again and again, a request that costs nothing or a query of nothing, to know what this machine
 * adds to every time that is measured meanwhile: a limit stays as tight as the machine is quiet.
 */
export function watchPace(ask: () => Promise<unknown>): PaceWatch {
  let isOver = false;
  let longestMs = 0;
  const watching = (async () => {
    while (!isOver) {
      const begun = performance.now();
      await ask().catch(() => {});
      await sleep(REST_MS);
      longestMs = Math.max(longestMs, performance.now() - begun - REST_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return longestMs;
    },
  };
}
