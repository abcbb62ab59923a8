import type { Locale } from '#lib/i18n/locales.ts';
import { en } from './en.ts';
import { helpEn } from './help-en.ts';
import { helpPtBR } from './help-pt-br.ts';
import type { HelpTexts, Messages } from './message-types.ts';
import { ptBR } from './pt-br.ts';

const messagesOf: Record<Locale, Messages> = { en, 'pt-BR': ptBR };
const helpOf: Record<Locale, HelpTexts> = { en: helpEn, 'pt-BR': helpPtBR };

/** The texts of a language. */
export function messagesIn(locale: Locale): Messages {
  return messagesOf[locale];
}

/** The help texts of a language. */
export function helpIn(locale: Locale): HelpTexts {
  return helpOf[locale];
}
