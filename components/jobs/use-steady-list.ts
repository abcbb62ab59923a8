'use client';

import { type PointerEvent, useMemo, useState } from 'react';

/**
 * A list that changes by itself, held still while the pointer is over it: rows keep their places and only what they say
 * changes, so that nobody clicks on another row than the one they meant. What came meanwhile is counted.
 * @param question what the list answers; another question is another list
 */
export function useSteadyList<T extends { id: string }>(items: readonly T[], question: string) {
  const [held, setHeld] = useState<{ question: string; items: readonly T[] } | null>(null);
  const isHeld = held !== null && held.question === question;
  const shown = useMemo(() => {
    if (!isHeld) return items;
    const newest = new Map(items.map((item) => [item.id, item]));
    return held.items.map((item) => newest.get(item.id) ?? item);
  }, [items, held, isHeld]);
  const heldIds = isHeld ? new Set(held.items.map(({ id }) => id)) : null;
  const waiting = heldIds === null ? 0 : items.filter(({ id }) => !heldIds.has(id)).length;
  return {
    shown,
    /** How many are not shown yet. */
    waiting,
    release: () => setHeld(null),
    pointer: {
      // Not its entering, which nobody is told of where the list came under a pointer that stood still. A finger is over
      // a row only while it presses: nothing moves under it for so short a time.
      onPointerMove: (event: PointerEvent) => {
        if (!isHeld && event.pointerType !== 'touch') setHeld({ question, items: shown });
      },
      onPointerLeave: () => setHeld(null),
    },
  };
}
