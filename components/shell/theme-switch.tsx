'use client';

import { useTranslations } from 'next-intl';
import { useId, useState } from 'react';
import { writePreference } from './preference-cookie.ts';
import { isTheme, THEME_COOKIE, THEMES } from './theme.ts';

/** Light, dark, or as the system. */
export function ThemeSwitch({ initial }: { initial: string | null }) {
  const t = useTranslations('shell');
  const [chosen, setChosen] = useState(isTheme(initial) ? initial : 'system');
  const name = useId();
  function choose(theme: string) {
    setChosen(theme);
    const choice = isTheme(theme) ? theme : null;
    writePreference(THEME_COOKIE, choice);
    if (choice === null) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  }
  return (
    <fieldset>
      <legend className="mb-1 text-muted text-sm">{t('theme')}</legend>
      {(['system', ...THEMES] as const).map((theme) => (
        <label key={theme} className="flex min-h-8 cursor-pointer items-center gap-2">
          <input
            type="radio"
            className="size-4 shrink-0"
            name={name}
            value={theme}
            checked={chosen === theme}
            onChange={() => choose(theme)}
          />
          {t(`themes.${theme}`)}
        </label>
      ))}
    </fieldset>
  );
}
