/**
 * As the `ref` of a form that somebody opened: who works by keyboard goes on in it, and it is in sight. Once it is closed
 * the focus is where it came from.
 */
export function focusFirst(element: HTMLElement | null): () => void {
  const opener = document.activeElement;
  element?.querySelector<HTMLElement>('input:not([type=hidden]), select, textarea')?.focus();
  return () => {
    if (opener instanceof HTMLElement && element?.contains(document.activeElement)) opener.focus();
  };
}
