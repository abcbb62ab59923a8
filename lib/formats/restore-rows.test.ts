import { describe, expect, it } from 'vitest';
import { framingOf, readRowFault, restoreCsvHeader, restoreRowsAsCsv, restoreRowsAsJson } from './restore-rows.ts';
import { NOTE_VERSION, parquetColumnsOf, parseSourceNote, type SourceNote } from './source-note.ts';

const NOTE: SourceNote = {
  version: NOTE_VERSION,
  format: 'json',
  topLevel: 'array',
  columns: [
    { name: 'n', encoding: 'number', base: 'number', empty: 'missing' },
    { name: 'j', encoding: 'json', base: 'string', empty: 'null' },
    { name: 'b', encoding: 'boolean', base: 'boolean', empty: 'null' },
    { name: '', encoding: 'mixed', base: 'string', empty: 'null' },
  ],
  deviations: '_carga',
  csv: null,
};

const CSV_NOTE: SourceNote = {
  ...NOTE,
  format: 'csv',
  topLevel: 'table',
  columns: [
    { name: 'a;b', encoding: 'string', base: 'string', empty: 'null' },
    { name: 'c', encoding: 'string', base: 'string', empty: 'null' },
  ],
  csv: { delimiter: ';', encoding: 'utf-8', decimal: ',', dateFormat: 'dd/mm/yyyy', header: true, newline: '\r\n' },
};

describe('restoreRowsAsJson', () => {
  it('follows the deviations of each row', () => {
    const cells = [
      ['1.0', null, null],
      ['[ 1,\n  2 ]', '"x"', null],
      ['true', null, null],
      ['1', '2', null],
      [null, '{"n":"z","b":"m","":"n"}', '{"":"m"}'],
    ];
    expect(restoreRowsAsJson(NOTE, parquetColumnsOf(NOTE), cells)).toStrictEqual([
      '{"n":1.0,"j":[ 1,2 ],"b":true,"":"1"}',
      '{"n":null,"j":"x","":2}',
      '{"j":null,"b":null}',
    ]);
  });

  it('finds columns by name where the reader gives others or fewer', () => {
    expect(restoreRowsAsJson(NOTE, ['b', 'n'], [['true'], ['7']])).toStrictEqual(['{"n":7,"b":true}']);
  });

  it('stays JSON where the cells are not what a forged note says', () => {
    const cells = [
      ['1},{"x":2', '01', 'NaN', '1'],
      ['{"a":1', '1 2', ']', 'nul'],
      ['TRUE', '1', '', 'false'],
      ['a', 'a', 'a', 'a'],
      ['{', '[]', '{"":3}', 'null'],
    ];
    for (const row of restoreRowsAsJson(NOTE, parquetColumnsOf(NOTE), cells))
      expect(() => JSON.parse(row)).not.toThrow();
  });

  it('frames rows as the source was, or as asked', () => {
    expect(framingOf(NOTE).before).toBe('[\n');
    expect(framingOf(NOTE, 'ndjson').before).toBe('');
    expect(framingOf({ ...NOTE, format: 'ndjson', topLevel: 'lines' }).between).toBe('\n');
    expect(framingOf({ ...NOTE, format: 'ndjson', topLevel: 'lines' }, 'json').between).toBe(',\n');
    expect(framingOf({ ...NOTE, topLevel: 'object' }).before).toBe('');
  });
});

describe('restoreRowsAsCsv', () => {
  it('quotes what must be quoted and gives misfits back as they came', () => {
    const cells = [
      ['x;y', ' "q" ', null, '1'],
      [null, 'a\nb', null, null],
      [null, null, null, '{"fault":"too_many_fields","fields":["1","2","3"]}'],
    ];
    expect(restoreCsvHeader(CSV_NOTE)).toBe('"a;b";c');
    expect(restoreRowsAsCsv(CSV_NOTE, ['a;b', 'c', '_carga'], cells)).toStrictEqual([
      '"x;y";',
      '" ""q"" ";"a\nb"',
      ';',
      '1;2;3',
    ]);
  });

  it('never writes an empty line', () => {
    const note = { ...CSV_NOTE, columns: CSV_NOTE.columns.slice(1), deviations: null };
    expect(restoreRowsAsCsv(note, ['c'], [[null, 'x']])).toStrictEqual(['""', 'x']);
  });

  it('takes no fault from cells that hold none', () => {
    for (const cell of [
      null,
      '',
      '{}',
      'null',
      '[]',
      '{"fault":"x","fields":[]}',
      '{"fault":"too_few_fields","fields":[1]}',
    ]) {
      expect(readRowFault(CSV_NOTE, cell)).toBeNull();
    }
    expect(readRowFault(NOTE, '{"fault":"too_few_fields","fields":[]}')).toBeNull();
  });
});

describe('parseSourceNote', () => {
  it('reads what was written', () => {
    for (const note of [NOTE, CSV_NOTE]) expect(parseSourceNote(JSON.stringify(note))).toStrictEqual(note);
  });

  it('takes nothing else for a note', () => {
    const bad = [
      'x',
      'null',
      '[]',
      '{}',
      JSON.stringify({ ...NOTE, version: 2 }),
      JSON.stringify({ ...NOTE, format: 'xml' }),
      JSON.stringify({ ...NOTE, columns: [{ name: 1 }] }),
      JSON.stringify({ ...NOTE, columns: {} }),
      JSON.stringify({ ...NOTE, deviations: 1 }),
      JSON.stringify({ ...NOTE, csv: CSV_NOTE.csv }),
      JSON.stringify({ ...CSV_NOTE, csv: null }),
      JSON.stringify({ ...CSV_NOTE, csv: { ...CSV_NOTE.csv, delimiter: '' } }),
    ];
    for (const text of bad) expect(parseSourceNote(text)).toBeNull();
  });

  it('gives a nameless column a name that is free', () => {
    expect(parquetColumnsOf(NOTE)).toStrictEqual(['n', 'j', 'b', 'column_4', '_carga']);
  });
});
