import { expect, test } from 'vitest';
import { type MendedCell, writeMendedFile } from './mended-file.ts';

const cell = (column: string, kind: MendedCell['kind'], text = ''): MendedCell => ({ column, kind, text });

test('numbers of JSON keep every digit, and what was not there is not there again', () => {
  const cells = [
    cell('id', 'number', '9223372036854775807'),
    cell('n', 'number', '1.10'),
    cell('sub', 'json', '{"m":1.10}'),
    cell('nome', 'text', 'Ana "A"'),
    cell('vazio', 'null'),
    cell('fora', 'missing'),
    cell('idade', 'number', '70000'),
    cell('cidade', 'text', 'Natal'),
  ];
  const file = writeMendedFile([{ cells, edits: { idade: '7', cidade: '' } }], { writtenAs: 'json', csv: null });
  expect(file).toEqual({
    format: 'ndjson',
    text: '{"id":9223372036854775807,"n":1.10,"sub":{"m":1.10},"nome":"Ana \\"A\\"","vazio":null,"idade":"7","cidade":null}\n',
  });
});

test('text that stands for JSON in Parquet becomes JSON again, text of a JSON file stays text', () => {
  const rows = [{ cells: [cell('sub', 'text', '[1]'), cell('nome', 'text', '[1]')], edits: {} }];
  const json = new Set(['sub']);
  expect(writeMendedFile(rows, { writtenAs: 'parquet', csv: null }, json).text).toBe('{"sub":[1],"nome":"[1]"}\n');
  expect(writeMendedFile(rows, { writtenAs: 'json', csv: null }, json).text).toBe('{"sub":"[1]","nome":"[1]"}\n');
});

test('CSV stays CSV, read with the decimal mark and the dates of the first file', () => {
  const first = {
    cells: [cell('id', 'text', '1'), cell('saldo', 'text', '10,50'), cell('nome', 'null')],
    edits: { nome: 'Zé; "o" bom' },
  };
  const second = {
    cells: [cell('id', 'text', '2'), cell('saldo', 'text', 'x'), cell('nome', 'text', ' ')],
    edits: { saldo: '' },
  };
  const csv = { delimiter: ';', encoding: 'windows-1252', decimal: ',', dateFormat: 'dd/mm/yyyy', header: true };
  expect(writeMendedFile([first, second], { writtenAs: 'csv', csv })).toEqual({
    format: 'csv',
    csv: { delimiter: ',', encoding: 'utf-8', decimal: ',', dateFormat: 'dd/mm/yyyy' },
    text: 'id,saldo,nome\r\n1,"10,50","Zé; ""o"" bom"\r\n2,," "\r\n',
  });
});
