// The catalogues outside React: route handlers, the command, tests. Components use next-intl's own hooks, which send
// a page only what its language needs; importing this module into a component would send both catalogues.
import { createTranslator } from 'next-intl';
import { fillMessage, type MessageValues } from './fill-message.ts';
import type { Locale } from './locales.ts';
import en from './messages/en.json' with { type: 'json' };
import ptBR from './messages/pt-BR.json' with { type: 'json' };

const catalogues = { 'pt-BR': ptBR, en } as const;

// A message that cannot be formatted must not take the answer with it: next-intl then gives the key instead.
const options = { onError: () => {}, getMessageFallback: ({ key }: { key: string }) => key };
const translators = {
  'pt-BR': createTranslator({ locale: 'pt-BR', messages: ptBR, ...options }),
  en: createTranslator({ locale: 'en', messages: en, ...options }),
};

/**
 * The text of a message, such as `errors.file_too_large`, its placeholders filled as far as there are values
 * (lib/i18n/fill-message.ts); the key itself where there is no such message. Never throws.
 */
export function translate(locale: Locale, key: string, values: MessageValues = {}): string {
  const message = messageAt(locale, key);
  if (message === undefined) return key;
  const t = translators[locale] as unknown as (key: string, values: Record<string, string | number>) => string;
  return t(key, fillMessage(locale, message, values));
}

function messageAt(locale: Locale, key: string): string | undefined {
  let found: unknown = catalogues[locale];
  for (const step of key.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string, unknown>)[step];
  }
  return typeof found === 'string' ? found : undefined;
}
