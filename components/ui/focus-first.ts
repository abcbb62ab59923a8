/** As the `ref` of a form that somebody opened: who works by keyboard goes on in it, and it is in sight. */
export function focusFirst(element: HTMLElement | null): void {
  element?.querySelector<HTMLElement>('input:not([type=hidden]), select, textarea')?.focus();
}
