import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import { LOCALE_COOKIE, localeFrom } from './locales.ts';

/** The language and the messages of one page request; there is no language in the address. */
export default getRequestConfig(async () => {
  const [jar, sent] = await Promise.all([cookies(), headers()]);
  const locale = localeFrom(sent.get('accept-language'), jar.get(LOCALE_COOKIE)?.value);
  const { default: messages } =
    locale === 'en' ? await import('./messages/en.json') : await import('./messages/pt-BR.json');
  // Times are written in the browser, in its own zone (lib/i18n/format.ts); this one only keeps next-intl quiet.
  return { locale, messages, timeZone: 'America/Sao_Paulo' };
});
