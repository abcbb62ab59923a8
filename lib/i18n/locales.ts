/** Languages the product speaks; the first is the default. */
export const LOCALES = ['pt-BR', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

const DEFAULT_LOCALE: Locale = 'pt-BR';

/** Cookie that keeps the language a person chose; readable by scripts, holds nothing secret. */
export const LOCALE_COOKIE = 'carga_locale';

/** Whether a text from outside names one of our languages exactly. */
function isLocale(value: unknown): value is Locale {
  return LOCALES.includes(value as Locale);
}

/**
 * The language of a request: the cookie's if it names one of ours, else the best of `Accept-Language`
 * (`pt*` → pt-BR, `en*` → en, by weight, then by order), else pt-BR.
 */
export function localeFrom(acceptLanguage: string | null, cookie?: string | null): Locale {
  if (isLocale(cookie)) return cookie;
  // The header is a caller's text: more than a few hundred characters of it never decide anything.
  const wishes = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((wish) => {
      const [tag = '', ...parameters] = wish.trim().toLowerCase().split(';');
      const weight = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean);
      return { tag: tag.trim(), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter((wish) => wish.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wishes) {
    if (tag === 'pt' || tag.startsWith('pt-')) return 'pt-BR';
    if (tag === 'en' || tag.startsWith('en-')) return 'en';
  }
  return DEFAULT_LOCALE;
}
