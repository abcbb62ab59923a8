import { describe, expect, it } from 'vitest';
import { detectCsv } from './detect-csv.ts';

function detect(text: string, encoding: BufferEncoding = 'utf8') {
  return detectCsv(Buffer.from(text, encoding));
}

describe('detectCsv', () => {
  it('knows a Brazilian spreadsheet', () => {
    const text = 'código;nome;valor;data\r\n1;"a;b\nc";1.234,56;01/02/2024\r\n2;x;0,5;31/01/2024\r\n';
    const expected = { delimiter: ';', decimal: ',', dateFormat: 'dd/mm/yyyy', header: true, newline: '\r\n' };
    expect(detect(text)).toStrictEqual({ ...expected, encoding: 'utf-8' });
    expect(detect(text, 'latin1')).toStrictEqual({ ...expected, encoding: 'windows-1252' });
    expect(detect(`\ufeff${text}`)).toStrictEqual({ ...expected, encoding: 'utf-8' });
    expect(detect(`\ufeff${text}`, 'utf16le')).toStrictEqual({ ...expected, encoding: 'utf-16le' });
    expect(detect(text, 'utf16le')).toStrictEqual({ ...expected, encoding: 'utf-16le' });
  });

  it('knows the tables of programs', () => {
    expect(detect('id,v,d\n1,"1,234.50",2024-03-01\n2,2.5,2024-03-02\n')).toMatchObject({
      delimiter: ',',
      decimal: '.',
      dateFormat: 'yyyy-mm-dd',
    });
    expect(detect('a\tb\n1\t2\n').delimiter).toBe('\t');
    expect(detect('a|b\r1|2\r')).toMatchObject({ delimiter: '|', newline: '\r' });
    expect(detect('d\n01/31/2024\n').dateFormat).toBe('mm/dd/yyyy');
    expect(detect('d\n31.01.2024 10:00\n').dateFormat).toBe('dd.mm.yyyy');
    expect(detect('a;b\n2024-01-31;02/01/2024\n').dateFormat).toBe('dd/mm/yyyy');
  });

  it('does not cut a single column at its commas', () => {
    expect(detect('valor\n1,5\n2,25\n')).toMatchObject({ delimiter: ';', decimal: ',', header: true });
  });

  it('keeps the delimiter where some rows do not fit', () => {
    expect(detect('a,b\n1,2\n3\n4,5,6\n7,8\n').delimiter).toBe(',');
  });

  it('tells a header from a row', () => {
    expect(detect('1;x\n2;y\n').header).toBe(false);
    expect(detect('x;x\n2;y\n').header).toBe(false);
    expect(detect('2024-01-01;x\n').header).toBe(false);
    expect(detect('nome;uf\nx;y\n').header).toBe(true);
    expect(detect('id;2023;2024\n1;10;20\n2;;30\n').header).toBe(true);
    expect(detect('Ana;1;2024\nBia;2;2025\n').header).toBe(false);
    // Nothing but numbers might be either: whoever knows can say so.
    expect(detect('2023;2024\n1;2\n').header).toBe(false);
  });

  it('takes a head cut inside a character or a row', () => {
    const bytes = Buffer.from(`nome;uf\n${'São Paulo;SP\n'.repeat(2000)}`);
    const at = bytes.indexOf(0xc3, 8000) + 1;
    expect(detectCsv(bytes.subarray(0, at))).toMatchObject({ encoding: 'utf-8', delimiter: ';' });
  });

  it('says something of an empty file', () => {
    expect(detect('')).toMatchObject({ delimiter: ';', encoding: 'utf-8', newline: '\n' });
  });
});
