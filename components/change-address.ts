/**
 * Writes values into the page's address, where a reload, back and a copied link find them; empty ones are taken out.
 * `push` makes a step that back undoes: for a choice; typing would make one of each letter.
 */
export function changeAddress(
  values: Readonly<Record<string, string | null | undefined>>,
  step: 'push' | 'replace',
): void {
  const address = new URL(window.location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  if (step === 'push') window.history.pushState(null, '', address);
  else window.history.replaceState(null, '', address);
}
