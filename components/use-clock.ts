'use client';

import { useNow } from 'next-intl';
import { useSyncExternalStore } from 'react';

/** Minutes and hours are what is shown: a finer clock would only draw the same again. */
const TICK_MS = 10_000;

const watching = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

/** The present moment, some seconds exact. The page's first drawing has the server's, so that both say the same. */
export function useClock(): number {
  const served = useNow();
  return useSyncExternalStore(watch, read, () => served.getTime());
}

function watch(onTick: () => void): () => void {
  watching.add(onTick);
  timer ??= setInterval(() => {
    for (const tell of watching) tell();
  }, TICK_MS);
  return () => {
    watching.delete(onTick);
    if (watching.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The same until the next tick: React asks more than once in one drawing. */
function read(): number {
  const present = Date.now();
  if (present - now >= TICK_MS) now = present;
  return now;
}
