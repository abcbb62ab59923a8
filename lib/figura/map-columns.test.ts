import { describe, expect, test } from 'vitest';
import type { Figura, FiguraColumn } from './figura.ts';
import { mapColumns } from './map-columns.ts';

const figura = (...names: string[]): Parameters<typeof mapColumns>[1] => ({
  table: { columns: names.map((name) => ({ name, isGenerated: false }) as FiguraColumn) } as Figura['table'],
  keyColumns: [],
  opColumn: 'op',
  unknownColumns: 'ignore',
  requiredColumns: [],
});

function outcome(file: string[], table: string[], mapping: Record<string, string> = {}) {
  try {
    const { mapped, opSource, ignored } = mapColumns(file, figura(...table), mapping);
    return { mapped: mapped.map(({ source, column }) => `${source} → ${column.name}`), opSource, ignored };
  } catch (error) {
    const { code, details } = error as { code: string; details: unknown };
    return { code, details };
  }
}

describe('names', () => {
  test('the very name wins over one in another case', () => {
    expect(outcome(['NOME', 'nome', 'Nome'], ['nome'])).toEqual({
      mapped: ['nome → nome'],
      opSource: null,
      ignored: ['NOME', 'Nome'],
    });
    expect(outcome(['Nome', 'nome'], ['nome', 'Nome', 'NOME'])).toMatchObject({
      mapped: ['nome → nome', 'Nome → Nome'],
    });
  });

  test('two of the file that fold to one of the table are refused with both names', () => {
    expect(outcome(['AÇÃO', 'acao'], ['Ação'])).toEqual({
      code: 'duplicate_mapping',
      details: { column: 'Ação', first: 'AÇÃO', second: 'acao' },
    });
  });

  test('one of the file that may mean two of the table is refused with both names', () => {
    expect(outcome(['NOME'], ['Nome', 'nome'])).toEqual({
      code: 'duplicate_mapping',
      details: { column: 'NOME', first: 'Nome', second: 'nome' },
    });
    expect(outcome(['NOME'], ['Nome', 'nome'], { NOME: 'nome' })).toMatchObject({ mapped: ['NOME → nome'] });
  });

  test('a long name is never cut to one that fits', () => {
    const long = 'x'.repeat(64);
    expect(outcome([long, 'id'], [long.slice(0, 63), 'id'])).toMatchObject({ mapped: ['id → id'], ignored: [long] });
  });

  test("what the figura's own mapping names need not be in the file, what a job names must", () => {
    const own = { mapping: { antigo: 'nome', 'Cód.': 'id' }, ...figura('nome', 'id') };
    const mapped = (file: string[], mapping: Record<string, string>) =>
      mapColumns(file, own, mapping).mapped.map(({ source, column }) => `${source} → ${column.name}`);
    expect(mapped(['Cód.', 'nome'], own.mapping)).toEqual(['nome → nome', 'Cód. → id']);
    expect(() => mapped(['Cód.', 'nome'], { antigo: 'id' })).toThrow('the file has no column antigo');
    expect(() => mapped(['id', 'nome'], { outro: 'nome' })).toThrow('the file has no column outro');
  });

  test('what the figura wants in every file has to be there, under whatever name', () => {
    const own = { ...figura('id', 'nome', 'uf'), requiredColumns: ['nome', 'uf'] };
    expect(mapColumns(['id', 'Nome', 'estado'], own, { estado: 'uf' }).mapped).toHaveLength(3);
    expect(() => mapColumns(['id', 'uf'], own, {})).toThrow('the file has no column nome');
    expect(() => mapColumns(['id'], own, {}, false)).toThrow('the file has no column nome, uf');
  });

  test('names of JavaScript are names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    expect(outcome(names, names)).toMatchObject({ mapped: names.map((name) => `${name} → ${name}`) });
    expect(outcome(['a'], ['__proto__', 'b'])).toMatchObject({ code: 'no_columns' });
  });

  test('a composed accent and its decomposed twin are one name, unless both are there', () => {
    expect(outcome(['a\u0301'], ['\u00e1'])).toMatchObject({ mapped: ['a\u0301 → \u00e1'] });
    expect(outcome(['a\u0301', '\u00e1'], ['\u00e1', 'a\u0301'])).toMatchObject({
      mapped: ['\u00e1 → \u00e1', 'a\u0301 → a\u0301'],
    });
  });
});
