import type { Locale } from '#lib/i18n/locales.ts';

/**
 * The command's language: CARGA_LANG, else what the system's own variables say in their order of precedence
 * (POSIX: LC_ALL, LC_MESSAGES, LANG). `pt…` is Portuguese, anything else, or nothing, English.
 */
export function languageFrom(env: Record<string, string | undefined>): Locale {
  const wish = [env.CARGA_LANG, env.LC_ALL, env.LC_MESSAGES, env.LANG].find(
    (value) => value !== undefined && value !== '',
  );
  return /^pt(?:$|[^a-z])/i.test(wish ?? '') ? 'pt-BR' : 'en';
}
