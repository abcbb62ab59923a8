import type { en } from './en.ts';
import type { helpEn } from './help-en.ts';

/** Every text of the command in one language; values come in already written in that language. */
export type Messages = typeof en;

/** Help texts of one language, by command; `carga` is the one about all of them. */
export type HelpTexts = typeof helpEn;
