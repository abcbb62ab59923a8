import type { Locale } from './locales.ts';
import type messages from './messages/pt-BR.json';

// Makes a wrong message key a type error.
declare module 'next-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof messages;
  }
}
