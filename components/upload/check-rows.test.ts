import { describe, expect, it } from 'vitest';
import { readRows } from '#lib/formats/convert-to-parquet.ts';
import { type CheckPlan, type CheckReport, RowChecker } from './check-rows.ts';
import { KeySet } from './key-set.ts';

const column = (name: string, type: string, rules: { key?: boolean; required?: boolean } = {}) => ({
  ...{ name, type, key: false, required: false, default: null, description: null, parquet: '', avro: '' },
  ...rules,
});
const figura = {
  opColumn: 'op',
  requiredColumns: [] as string[],
  columns: [
    column('codigo', 'integer', { key: true, required: true }),
    column('nome', 'character varying(5)', { required: true }),
    column('saldo', 'numeric(6,2)'),
    column('desde', 'date'),
  ],
};

async function look(
  text: string,
  format: 'csv' | 'ndjson',
  targets: Record<string, string>,
  mode: 'merge' | 'append' = 'merge',
): Promise<CheckReport | undefined> {
  let checker: RowChecker | undefined;
  await readRows({
    open: () => new Blob([text]).stream(),
    format,
    onBatch(batch, csv) {
      checker ??= new RowChecker({ figura, targets, mode }, csv);
      checker.take(batch);
    },
  });
  return checker?.report();
}

const same = { codigo: 'codigo', nome: 'nome', saldo: 'saldo', desde: 'desde', op: 'op' };

describe('RowChecker', () => {
  it('groups the faults of a Portuguese CSV by cause, with count and example', async () => {
    const text = [
      'codigo;nome;saldo;desde;op',
      '1;Ana;1.234,50;22/11/2026;',
      '2;;1,00;22/11/2026;I',
      '3;Beatriz;muito;31/02/2026;U',
      ';Bia;99999,00;;X',
      '01;Ivo;1,00;;',
      '7;Eva;tanto;;',
      '8;;;;D',
      '9;Rui',
    ].join('\n');
    const report = await look(text, 'csv', same);
    expect(report).toMatchObject({ rowCount: 8, faultyCount: 5, repeatedCount: 1, areKeysCompared: true });
    expect(
      report?.groups.map(({ code, column, type, rowCount, row, value }) => [code, column, type, rowCount, row, value]),
    ).toEqual([
      ['invalid_value', 'saldo', 'numeric(6,2)', 2, 3, 'muito'],
      ['too_few_fields', null, null, 1, 8, '9;Rui'],
      ['unknown_op', 'op', '', 1, 4, 'X'],
      ['null_key', 'codigo', 'integer', 1, 4, null],
      ['not_null', 'nome', 'character varying(5)', 1, 2, null],
      ['value_too_long', 'nome', 'character varying(5)', 1, 3, 'Beatriz'],
      ['value_out_of_range', 'saldo', 'numeric(6,2)', 1, 4, '99999,00'],
      ['invalid_value', 'desde', 'date', 1, 3, '31/02/2026'],
      ['duplicate_key', 'codigo', 'integer', 1, 5, '1'],
    ]);
    expect(report?.rows.map(({ row, faults }) => [row, faults.length])).toEqual([
      [2, 1],
      [3, 3],
      [4, 3],
      [5, 1],
      [6, 1],
      [8, 1],
    ]);
  });

  it('misses what the figura requires, but not in rows that delete', async () => {
    let checker: RowChecker | undefined;
    const demanding = { ...figura, columns: figura.columns.map((one) => ({ ...one, required: true })) };
    const plan: CheckPlan = {
      figura: { ...demanding, requiredColumns: ['nome', 'saldo'] },
      targets: same,
      mode: 'merge',
    };
    await readRows({
      open: () => new Blob(['codigo;nome;saldo;desde;op\n1;"";;2026-01-01;\n2;;;;D\n']).stream(),
      format: 'csv',
      onBatch(batch, csv) {
        checker ??= new RowChecker(plan, csv);
        checker.take(batch);
      },
    });
    const groups = checker?.report().groups.map(({ code, column, row }) => [code, column, row]);
    expect(groups).toEqual([
      ['not_null', 'nome', 1],
      ['not_null', 'saldo', 1],
    ]);
  });

  it('takes a pair of quotes for a text in columns of text only', async () => {
    const report = await look('codigo;nome;saldo;desde\n1;"";"";""\n"";Ana;;\n', 'csv', same);
    expect(report?.groups.map(({ code, column, row }) => [code, column, row])).toEqual([['null_key', 'codigo', 2]]);
  });

  it('follows the mapping, takes JSON numbers as they are, and wants no key of rows that are only added', async () => {
    const text = '{"id":7.0,"nome":"Ana"}\n{"id":1.5,"nome":"Bia"}\n{"nome":"Rui"}\n{"id":7}\n';
    const report = await look(text, 'ndjson', { id: 'codigo', nome: 'nome' }, 'append');
    expect(report?.groups.map(({ code, column, row }) => [code, column, row])).toEqual([
      ['invalid_value', 'id', 2],
      ['not_null', 'id', 3],
      ['not_null', 'nome', 4],
    ]);
  });
});

it('a set of keys tells those that were there before', () => {
  const keys = new KeySet();
  const names = Array.from({ length: 50_000 }, (_, index) => `chave ${index}`);
  expect(names.filter((name) => keys.add(name))).toEqual([]);
  expect(names.filter((name) => !keys.add(name))).toEqual([]);
});
