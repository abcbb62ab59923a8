import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvScanner, type CsvScanOptions } from './csv-scanner.ts';
import type { RowFault } from './row-batch.ts';

interface Table {
  columns: string[];
  rows: (string | null)[][];
  faults: Pick<RowFault, 'row' | 'code'>[];
}

const DEFAULTS: CsvScanOptions = { delimiter: ',', encoding: 'utf-8', header: true, newline: '\n' };

function scan(pieces: Uint8Array[], options: Partial<CsvScanOptions> = {}): Table {
  const scanner = new CsvScanner({ ...DEFAULTS, ...options });
  const table: Table = { columns: [], rows: [], faults: [] };
  for (const batch of [...pieces.flatMap((piece) => [...scanner.feed(piece)]), ...scanner.finish()]) {
    expect(batch.firstRow).toBe(table.rows.length + 1);
    table.columns = batch.columns;
    for (let row = 0; row < batch.rowCount; row++) {
      table.rows.push(batch.cells.map((cells) => cells[row] as string | null));
    }
    table.faults.push(...batch.rowFaults.map(({ row, code }) => ({ row, code })));
  }
  return table;
}

function scanText(text: string, options: Partial<CsvScanOptions> = {}): Table {
  return scan([new TextEncoder().encode(text)], options);
}

describe('CsvScanner', () => {
  it.each(['\n', '\r\n', '\r'] as const)('reads the same rows wherever the bytes are cut (%j)', (newline) => {
    const lines = [
      '\ufeffid,nome,obs',
      '001,"São ""João"", 😀","linha 1\nlinha\r\n2"',
      '',
      '2,,""',
      ' 3 ,x y,"a"',
      '"","",z',
    ];
    const bytes = new TextEncoder().encode(lines.join(newline));
    const whole = scan([bytes], { newline });
    expect(whole).toStrictEqual({
      columns: ['id', 'nome', 'obs'],
      rows: [
        ['001', 'São "João", 😀', 'linha 1\nlinha\r\n2'],
        ['2', null, ''],
        [' 3 ', 'x y', 'a'],
        ['', '', 'z'],
      ],
      faults: [],
    });
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(scan([bytes.subarray(0, cut), bytes.subarray(cut)], { newline })).toStrictEqual(whole);
    }
    expect(
      scan(
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        { newline },
      ),
    ).toStrictEqual(whole);
  });

  it('tells a pair of quotes from nothing, whatever stands beside it', () => {
    const rows = (text: string, options: Partial<CsvScanOptions> = {}) => scanText(text, options).rows;
    expect(rows('a,b,c\n"",,""\n"x","","""y"""\n,"a,"",b",""')).toStrictEqual([
      ['', null, ''],
      ['x', '', '"y"'],
      [null, 'a,",b', ''],
    ]);
    expect(rows('a,b\r\n"" ,x\r\n"",""\r\n')).toStrictEqual([
      ['', 'x'],
      ['', ''],
    ]);
    expect(rows('a;b\r\n"";\r\n', { delimiter: ';', newline: '\r\n' })).toStrictEqual([['', null]]);
    expect(rows('a\n""\n\nx')).toStrictEqual([[''], ['x']]);
    // The character that stands in for it is a text like any other.
    expect(rows('a,b\n\ufdd0e,""\n"\ufdd0",\ufdd0m\ufdd0')).toStrictEqual([
      ['\ufdd0e', ''],
      ['\ufdd0', '\ufdd0m\ufdd0'],
    ]);
    const wrong = scanText('a,b\n1,""\n"",x"\n"open,""\n"",2\n"x"y,""\n,""');
    expect(wrong).toMatchObject({
      rows: [
        ['1', ''],
        ['', 'x"'],
        ['"open', '""'],
        ['', '2'],
        ['"x"y', '""'],
        [null, ''],
      ],
      faults: [{ row: 3 }, { row: 5 }],
    });
  });

  it('reads back any table, cut anywhere', () => {
    const character = fc.constantFrom('a', 'ç', '😀', '"', ',', ';', '\n', '\r', ' ', '\ufdd0', 'e', 'm', "'");
    const cell = fc.option(fc.string({ unit: character, maxLength: 5 }));
    const table = fc.tuple(
      fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
      fc.constantFrom(',', ';'),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      fc.nat(),
    );
    const property = fc.property(table, ([rows, delimiter, newline, quotesAll, cut]) => {
      const write = (text: string | null) => {
        if (text === null) return '';
        const needsQuotes = quotesAll || text === '' || /[",;\r\n]/.test(text);
        return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
      };
      const lines = [['x', 'y', 'z'], ...rows].map((row) => row.map(write).join(delimiter));
      const bytes = new TextEncoder().encode(lines.join(newline));
      const at = cut % (bytes.length + 1);
      const found = scan([bytes.subarray(0, at), bytes.subarray(at)], { delimiter, newline });
      expect(found).toStrictEqual({ columns: ['x', 'y', 'z'], rows, faults: [] });
    });
    fc.assert(property, { seed: 1, numRuns: 1000 });
  });

  it('reads windows-1252 and UTF-16', () => {
    const latin = Uint8Array.from(Buffer.from('nome\nGoi\u00e2nia \u0080\n', 'latin1'));
    expect(scan([latin], { encoding: 'windows-1252' }).rows).toStrictEqual([['Goiânia €']]);
    const utf16 = Uint8Array.from(Buffer.from('\ufeffnome\n😀\n', 'utf16le'));
    expect(scan([utf16.subarray(0, 13), utf16.subarray(13)], { encoding: 'utf-16le' })).toMatchObject({
      columns: ['nome'],
      rows: [['😀']],
    });
  });

  it('names columns: trims, numbers what has no name, refuses what is there twice', () => {
    expect(scanText(' a , b b ,,\n1,2,3,4').columns).toStrictEqual(['a', 'b b', 'column_3', 'column_4']);
    expect(scanText('column_2,,x').columns).toStrictEqual(['column_2', 'column_2_', 'x']);
    expect(scanText('1,2', { header: false })).toMatchObject({ columns: ['column_1', 'column_2'], rows: [['1', '2']] });
    expect(scanText('__proto__,constructor\n1,2').rows).toStrictEqual([['1', '2']]);
    expect(() => scanText('a,b, a')).toThrow(expect.objectContaining({ code: 'duplicate_column', line: 1 }));
  });

  it('says which rows do not fit, keeping their numbers', () => {
    expect(scanText('a,b\n1,2\n\n3\n4,5,6\n   \n7,8\r\n')).toStrictEqual({
      columns: ['a', 'b'],
      rows: [
        ['1', '2'],
        ['3', null],
        ['4', '5'],
        ['7', '8'],
      ],
      faults: [
        { row: 2, code: 'too_few_fields' },
        { row: 3, code: 'too_many_fields' },
      ],
    });
  });

  it('takes wrong quotes as the fault of their line alone', () => {
    for (const bad of ['"x"y,2', '"open,2', '1,"open']) {
      const text = `a,b\n1,"ok"\n${bad}\n3,"x, y"\n4,z\n`;
      const table = scanText(text);
      expect(table.faults).toStrictEqual([{ row: 2, code: 'malformed_quotes' }]);
      expect(table.rows.slice(2)).toStrictEqual([
        ['3', 'x, y'],
        ['4', 'z'],
      ]);
      const bytes = new TextEncoder().encode(text);
      expect(scan(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toStrictEqual(table);
    }
    expect(scanText(`a,b\n1,"open\n${'2,3\n'.repeat(1000)}`, { maxRowChars: 100 }).rows).toHaveLength(1001);
    expect(() => scanText(`a\n${'"x"y\n'.repeat(1001)}`)).toThrow(expect.objectContaining({ code: 'malformed_csv' }));
    expect(() => scanText('a"b,"c"d\n1,2')).toThrow(expect.objectContaining({ code: 'malformed_csv', line: 1 }));
  });

  it('refuses what is no table', () => {
    expect(() => scanText('')).toThrow(expect.objectContaining({ code: 'empty_file' }));
    expect(() => scanText(' \n\n')).toThrow(expect.objectContaining({ code: 'empty_file' }));
    expect(() => scanText(`a\n"${'x'.repeat(200)}"`, { maxRowChars: 100 })).not.toThrow();
    expect(() => scanText(`a\n${'x'.repeat(200)}`, { maxRowChars: 100 })).not.toThrow();
    const bytes = new TextEncoder().encode(`a\n${'x'.repeat(200_000)}\n`);
    expect(() => scan([bytes], { maxRowChars: 100 })).toThrow(
      expect.objectContaining({ code: 'row_too_large', row: 1 }),
    );
    expect(() => scan([Uint8Array.of(0x61, 0x0a, 0xff)])).toThrow(
      expect.objectContaining({ code: 'invalid_encoding', byteOffset: 2 }),
    );
    expect(() => scanText('a', { delimiter: '"' })).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    expect(() => scanText('a', { encoding: 'klingon' })).toThrow(expect.objectContaining({ code: 'invalid_options' }));
  });

  it('gives the columns of a table without rows', () => {
    expect(scanText('a,b\n')).toStrictEqual({ columns: ['a', 'b'], rows: [], faults: [] });
  });
});
