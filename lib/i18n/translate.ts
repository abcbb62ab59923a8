// The catalogues outside React: route handlers, the command, tests. Components use next-intl's own hooks, which send
// a page only what its language needs; importing this module into a component would send both catalogues.
import { createTranslator } from 'next-intl';
import { formatBytes } from './format.ts';
import { type Locale, localeFrom } from './locales.ts';
import en from './messages/en.json' with { type: 'json' };
import ptBR from './messages/pt-BR.json' with { type: 'json' };

export { type Locale, localeFrom };

/** Values for the placeholders of a message. */
export type MessageValues = Record<string, string | number | boolean | null>;

const catalogues = { 'pt-BR': ptBR, en } as const;

// A message that cannot be formatted must not take the answer with it: next-intl then gives the key instead.
const options = { onError: () => {}, getMessageFallback: ({ key }: { key: string }) => key };
const translators = {
  'pt-BR': createTranslator({ locale: 'pt-BR', messages: ptBR, ...options }),
  en: createTranslator({ locale: 'en', messages: en, ...options }),
};

const ARGUMENT = /\{\s*([A-Za-z]\w*)\s*(?:\}|,\s*(number|plural)?)/g;

/**
 * The text of a message, such as `errors.file_too_large`; the key itself where there is no such message.
 *
 * A placeholder that has no value is left blank, and for each value `column` a message may ask
 * `{hasColumn, select, yes {…} other {}}`, so that one text reads well with and without it. Numbers whose name ends
 * in `Bytes` are written as sizes (`5 GiB`). Never throws.
 */
export function translate(locale: Locale, key: string, values: MessageValues = {}): string {
  const message = messageAt(locale, key);
  if (message === undefined) return key;
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
    filled[name] = asked === undefined ? (usable[name] ?? '') : usable[asked] === undefined ? 'no' : 'yes';
  }
  const t = translators[locale] as unknown as (key: string, values: Record<string, string | number>) => string;
  return t(key, filled);
}

function messageAt(locale: Locale, key: string): string | undefined {
  let found: unknown = catalogues[locale];
  for (const step of key.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return typeof found === 'string' ? found : undefined;
}
