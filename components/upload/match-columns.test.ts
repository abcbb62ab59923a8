import { expect, test } from 'vitest';
import { chooseTarget, type MatchFigura, matchColumns } from './match-columns.ts';

const column = (name: string, more: { key?: boolean; required?: boolean } = {}) => ({
  name,
  type: 'text',
  required: false,
  key: false,
  default: null,
  description: null,
  parquet: 'STRING',
  avro: 'string',
  ...more,
});
const figura: MatchFigura = {
  opColumn: 'op',
  mapping: {},
  requiredColumns: [],
  columns: [column('codigo', { key: true, required: true }), column('nome', { required: true }), column('descricao')],
};

test('names that agree leave nothing to decide', () => {
  const result = matchColumns(['codigo', 'nome', 'op', '_row', '_message'], figura, {});
  expect(result).toMatchObject({ isSettled: true, ignored: [], missingKeys: [], missingRequired: [] });
  expect(result.mapping).toBeUndefined();
  expect(result.matches.map(({ source }) => source)).toEqual(['codigo', 'nome', 'op']);
});

test('case and accents do not matter, but are shown as a guess', () => {
  const result = matchColumns(['Código', 'NOME', 'Descrição', 'outra'], figura, {});
  expect(result.matches.map(({ target, kind }) => [target, kind])).toEqual([
    ['codigo', 'similar'],
    ['nome', 'similar'],
    ['descricao', 'similar'],
    [null, 'none'],
  ]);
  expect(result).toMatchObject({ isSettled: false, ignored: ['outra'] });
  expect(result.mapping).toEqual({ Código: 'codigo', NOME: 'nome', Descrição: 'descricao' });
});

test('names what is missing', () => {
  const result = matchColumns(['descricao'], figura, {});
  expect(result).toMatchObject({ missingKeys: ['codigo'], missingRequired: ['nome'] });
});

test('what the figura wants in every file is named apart, and once', () => {
  const demanding = { ...figura, requiredColumns: ['nome', 'descricao', 'codigo'] };
  const result = matchColumns(['outra'], demanding, {});
  expect(result).toMatchObject({
    missingKeys: ['codigo'],
    missingRequired: [],
    missingDemanded: ['nome', 'descricao'],
  });
  expect(matchColumns(['descricao', 'nome'], demanding, {}).missingDemanded).toEqual([]);
});

test("the figura's own mapping holds without being sent, until something else is decided", () => {
  const mapped = { ...figura, mapping: { Nr: 'codigo', antigo: 'nome' } };
  const usual = matchColumns(['Nr', 'nome'], mapped, {});
  expect(usual.matches.map(({ target, kind }) => [target, kind])).toEqual([
    ['codigo', 'configured'],
    ['nome', 'exact'],
  ]);
  expect(usual).toMatchObject({ isSettled: true, mapping: undefined });
  expect(matchColumns(['Nr', 'nome'], mapped, {}, { Nr: 'descricao' }).mapping).toEqual({ Nr: 'descricao' });
  expect(matchColumns(['Nr', 'NOME'], mapped, {}).mapping).toEqual({ Nr: 'codigo', NOME: 'nome' });
  // Nothing is left to say, and that has to be said.
  expect(matchColumns(['Nr', 'nome'], mapped, { Nr: '' }).mapping).toEqual({});
});

test('a target has one source: the last choice holds, the other column is left over', () => {
  const choices = chooseTarget(chooseTarget({}, 'a', 'codigo'), 'b', 'codigo');
  expect(choices).toEqual({ b: 'codigo' });
  const result = matchColumns(['codigo', 'a', 'b', 'nome'], figura, choices);
  expect(result.matches.filter(({ target }) => target === 'codigo')).toEqual([
    { source: 'b', target: 'codigo', kind: 'chosen' },
  ]);
  expect(result.ignored).toEqual(['codigo', 'a']);
  expect(result.mapping).toEqual({ b: 'codigo' });
});

test('what was remembered holds where it still fits, and a choice goes before it', () => {
  const left = matchColumns(['codigo', 'nome', 'outra'], figura, {}, { outra: '' });
  expect(left).toMatchObject({ isSettled: true, ignored: ['outra'] });
  const remembered = { cod: 'codigo', velho: 'sumiu', desc: 'nome' };
  expect(matchColumns(['cod', 'velho', 'nome'], figura, {}, remembered).mapping).toEqual({ cod: 'codigo' });
  expect(matchColumns(['cod', 'desc'], figura, { desc: 'descricao' }, remembered).mapping).toEqual({
    cod: 'codigo',
    desc: 'descricao',
  });
});

test('strange names are names', () => {
  const names = ['constructor', '__proto__', '<img src=x onerror=alert(1)>'];
  expect(matchColumns(names, figura, {}).ignored).toEqual(names);
});
