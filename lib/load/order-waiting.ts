/** Row `n` takes what row `holder` gives up. */
export interface Wait {
  n: number;
  holder: number;
}

/** Rows that wait, in an order in which each comes after all it waits for. */
export interface WaitingOrder {
  order: number[];
  /** Rows that wait for each other, or for such rows. */
  circle: Wait[];
}

/** Puts rows that wait for each other in order. Pure; takes time in proportion to the waits. */
export function orderWaiting(waits: readonly Wait[]): WaitingOrder {
  const open = new Map<number, number>();
  const waiters = new Map<number, number[]>();
  for (const { n } of waits) open.set(n, 0);
  for (const { n, holder } of waits) {
    // Rows that wait for nothing are merged before any that waits.
    if (!open.has(holder)) continue;
    open.set(n, (open.get(n) ?? 0) + 1);
    const known = waiters.get(holder);
    if (known) known.push(n);
    else waiters.set(holder, [n]);
  }
  const order = [...open].filter(([, count]) => count === 0).map(([n]) => n);
  // The list grows while it is walked through.
  for (const n of order) {
    for (const waiter of waiters.get(n) ?? []) {
      const count = (open.get(waiter) ?? 0) - 1;
      open.set(waiter, count);
      if (count === 0) order.push(waiter);
    }
  }
  const ordered = new Set(order);
  return { order, circle: waits.filter(({ n }) => !ordered.has(n)) };
}
