import { expect, test } from 'vitest';
import type { ChangeFiguraDto, FiguraDto } from '#lib/api/schemas.ts';
import { impactOf } from './settings-impact.ts';

const figura = {
  title: 'Clientes',
  key: ['id'],
  opColumn: 'op',
  onError: 'skip',
  maxErrors: null,
  unknownColumns: 'ignore',
  mapping: { Nome: 'nome', Cidade: 'cidade' },
  requiredColumns: ['nome', 'cidade'],
  limits: { maxFileBytes: 1, maxDeleteRatio: 0.05 },
} as unknown as FiguraDto;

test('what stays as it is has no impact, nor has the title', () => {
  const same: ChangeFiguraDto = { title: 'Outro', key: ['id'], opColumn: 'op', onError: 'skip', maxErrors: null };
  const reordered = { mapping: { Cidade: 'cidade', Nome: 'nome' }, requiredColumns: ['cidade', 'nome'] };
  expect(impactOf(figura, { ...same, maxDeleteRatio: 0.05, ...reordered })).toEqual([]);
});

test('each change says what it does', () => {
  const change: ChangeFiguraDto = {
    key: ['id', 'ano'],
    opColumn: 'acao',
    onError: 'abort',
    maxErrors: 0,
    unknownColumns: 'reject',
    requiredColumns: [],
  };
  expect(impactOf(figura, { ...change, maxDeleteRatio: 1, maxFileBytes: null, mapping: {} }).sort()).toEqual(
    [
      'key',
      'mapping',
      'maxDeleteRatio',
      'maxErrors',
      'maxFileBytes',
      'onErrorAbort',
      'opColumn',
      'requiredColumns',
      'unknownReject',
    ].sort(),
  );
});
