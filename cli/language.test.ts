import { expect, it } from 'vitest';
import { languageFrom, takeLanguage } from './language.ts';

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

it.each([
  [['push', 'a', 'b'], ['push', 'a', 'b'], undefined],
  [['--lang', 'pt', 'push', 'a'], ['push', 'a'], 'pt-BR'],
  [['push', '--lang=en', 'a'], ['push', 'a'], 'en'],
  [['push', 'a', '--lang', 'pt-BR'], ['push', 'a'], 'pt-BR'],
  [['push', 'a', '--lang', 'de'], ['push', 'a'], null],
  [['push', 'a', '--lang'], ['push', 'a'], null],
  [['push', 'a', '--', '--lang', 'pt'], ['push', 'a', '--', '--lang', 'pt'], undefined],
])('takes --lang out of %j', (argv, rest, language) => {
  expect(takeLanguage(argv)).toEqual({ rest, language });
});
