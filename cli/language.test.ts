import { expect, it } from 'vitest';
import { languageFrom } from './language.ts';

it.each([
  [{}, 'en'],
  [{ LANG: 'C.UTF-8' }, 'en'],
  [{ LANG: 'pt_BR.UTF-8' }, 'pt-BR'],
  [{ LANG: 'pt' }, 'pt-BR'],
  [{ LANG: 'ptolemaic' }, 'en'],
  [{ LANG: 'pt_BR.UTF-8', LC_ALL: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'pt_PT' }, 'pt-BR'],
  [{ LANG: 'pt_BR', LC_ALL: '' }, 'pt-BR'],
  [{ LANG: 'pt_BR', CARGA_LANG: 'en' }, 'en'],
  [{ LANG: 'en_US', CARGA_LANG: 'pt-BR' }, 'pt-BR'],
])('speaks the language of %j', (env, language) => {
  expect(languageFrom(env)).toBe(language);
});
