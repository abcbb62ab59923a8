'use client';

import { useEffect } from 'react';

/** Asks before the page is left, by its tab or by a link of the application, only while leaving would lose work. */
export function useLeaveWarning(isNeeded: boolean, question: string): void {
  useEffect(() => {
    if (!isNeeded) return;
    // Browsers ask in words of their own.
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    const ask = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      const opensHere = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0);
      if (!(link instanceof HTMLAnchorElement) || link.target === '_blank' || !opensHere) return;
      if (link.getAttribute('href')?.startsWith('#') || window.confirm(question)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener('beforeunload', warn);
    // Before the link's own handler, which would go on at once.
    document.addEventListener('click', ask, { capture: true });
    return () => {
      window.removeEventListener('beforeunload', warn);
      document.removeEventListener('click', ask, { capture: true });
    };
  }, [isNeeded, question]);
}
