import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import { LOCALE_COOKIE, localeFrom } from './locales.ts';
import { timeZoneFrom, ZONE_COOKIE } from './time-zone.ts';

/** Language, messages and zone of one page request; there is no language in the address. */
export default getRequestConfig(async () => {
  const [jar, sent] = await Promise.all([cookies(), headers()]);
  const locale = localeFrom(sent.get('accept-language'), jar.get(LOCALE_COOKIE)?.value);
  const { default: messages } =
    locale === 'en' ? await import('./messages/en.json') : await import('./messages/pt-BR.json');
  return { locale, messages, timeZone: timeZoneFrom(jar.get(ZONE_COOKIE)?.value) };
});
