import { LOCALES, type Locale } from '#lib/i18n/locales.ts';

/** What `--lang` takes. */
export const LANGUAGES = ['pt', ...LOCALES] as const;

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

/**
 * Takes `--lang` out of the arguments, wherever it stands before `--`: every command knows it, and it must be known
 * before anything is said. `language` is undefined where it was not given; null where its value is none of LANGUAGES.
 */
export function takeLanguage(argv: readonly string[]): { rest: string[]; language: Locale | null | undefined } {
  const rest = [...argv];
  let language: Locale | null | undefined;
  const end = argv.indexOf('--');
  for (let at = rest.length - 1; at >= 0; at--) {
    const argument = rest[at] ?? '';
    if (end >= 0 && at >= end) continue;
    const isApart = argument === '--lang';
    if (!isApart && !argument.startsWith('--lang=')) continue;
    const [value] = isApart ? rest.slice(at + 1) : [argument.slice('--lang='.length)];
    language = (LANGUAGES as readonly string[]).includes(value ?? '') ? (value === 'en' ? 'en' : 'pt-BR') : null;
    rest.splice(at, isApart ? 2 : 1);
  }
  return { rest, language };
}
