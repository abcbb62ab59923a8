/** A mapping as lines that people write: `column of the file = column of the table`. */
export function mappingToText(mapping: Readonly<Record<string, string>>): string {
  return Object.entries(mapping)
    .map(([source, target]) => `${source} = ${target}`)
    .join('\n');
}

/** Reads such lines; null where one of them is not of that form. The last `=` divides: names of files hold more. */
export function mappingFromText(text: string): Record<string, string> | null {
  const entries: [string, string][] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const at = line.lastIndexOf('=');
    const [source, target] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (at < 0 || source === '' || target === '') return null;
    entries.push([source, target]);
  }
  return Object.fromEntries(entries);
}
