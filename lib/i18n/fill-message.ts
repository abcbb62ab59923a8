import { formatBytes } from './format.ts';
import type { Locale } from './locales.ts';

/** Values for the placeholders of a message. */
export type MessageValues = Record<string, string | number | boolean | null>;

const ARGUMENT = /\{\s*([A-Za-z]\w*)\s*(?:\}|,\s*(number|plural)?)/g;

/**
 * Exactly the values that a message asks for, so that formatting it cannot fail: a placeholder without a value is left
 * blank, and `{hasColumn, select, yes {…} other {}}` says whether the `column` that the same message shows has one, so that one
 * text reads well with and without it. Numbers whose name ends in `Bytes` become sizes (`5 GiB`).
 */
export function fillMessage(locale: Locale, message: string, values: MessageValues): Record<string, string | number> {
  const usable: Record<string, string | number> = {};
  const names = new Set<string>();
  for (const [, name = '', kind] of message.matchAll(ARGUMENT)) {
    names.add(name);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null || value === '') continue;
    if (kind !== undefined) {
      // A count may come as text (64-bit columns do); a text that is no number is as good as none.
      if (Number.isFinite(Number(value))) usable[name] = Number(value);
    } else {
      usable[name] = typeof value === 'number' && name.endsWith('Bytes') ? formatBytes(locale, value) : String(value);
    }
  }
  const filled: Record<string, string | number> = {};
  for (const name of names) {
    const asked = /^has[A-Z]/.test(name) ? name[3]!.toLowerCase() + name.slice(4) : undefined;
    if (asked === undefined) filled[name] = usable[name] ?? '';
    else filled[name] = usable[asked] === undefined ? 'no' : 'yes';
  }
  return filled;
}
