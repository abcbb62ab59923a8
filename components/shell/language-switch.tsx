'use client';

import { useRouter } from 'next/navigation';
import { useLocale, useTranslations } from 'next-intl';
import { useTransition } from 'react';
import { classNames } from '#components/ui/class-names.ts';
import { LOCALE_COOKIE, LOCALES } from '#lib/i18n/locales.ts';
import { writePreference } from './preference-cookie.ts';

const names = { 'pt-BR': { short: 'PT', long: 'Português (Brasil)' }, en: { short: 'EN', long: 'English' } } as const;

/** Changes the language of the page in place: what was typed stays. */
export function LanguageSwitch() {
  const t = useTranslations('shell');
  const here = useLocale();
  const router = useRouter();
  const [isChanging, startChange] = useTransition();
  return (
    <fieldset className="flex" aria-busy={isChanging || undefined}>
      <legend className="sr-only">{t('language')}</legend>
      {LOCALES.map((locale) => (
        <button
          key={locale}
          type="button"
          lang={locale}
          aria-pressed={locale === here}
          title={names[locale].long}
          onClick={() => {
            writePreference(LOCALE_COOKIE, locale);
            startChange(() => router.refresh());
          }}
          className={classNames(
            'min-h-8 min-w-9 rounded-control px-1.5 text-sm',
            locale === here ? 'bg-sunken font-semibold text-ink' : 'text-muted hover:text-ink',
          )}
        >
          <span aria-hidden="true">{names[locale].short}</span>
          <span className="sr-only">{names[locale].long}</span>
        </button>
      ))}
    </fieldset>
  );
}
