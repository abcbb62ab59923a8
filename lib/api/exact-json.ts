/** What JavaScript has since V8 11.4 and TypeScript's library does not name yet. */
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
}
const exact = JSON as unknown as ExactJson;

/**
 * Parses JSON so that `JSON.stringify` writes every number as it was: one that a double would change stays its own
 * text, as an object that only `JSON.stringify` understands.
 */
export function parseExactJson(text: string): unknown {
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? exact.rawJSON(source) : value,
  );
}
