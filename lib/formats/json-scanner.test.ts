import { describe, expect, it } from 'vitest';
import { FormatFault } from './format-fault.ts';
import { MAX_DEPTH } from './json-grammar.ts';
import { JsonScanner, MAX_ROW_CHARS } from './json-scanner.ts';
import { CELL_KINDS, type RowBatch } from './row-batch.ts';
import { surveyJson } from './survey-json.ts';

type Cell = [kind: string, text: string | null];

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Rows as column → [kind, text], without the missing cells. */
function rowsOf(batches: RowBatch[]): Record<string, Cell>[] {
  const rows: Record<string, Cell>[] = [];
  for (const batch of batches) {
    expect(batch.firstRow).toBe(rows.length + 1);
    for (let row = 0; row < batch.rowCount; row++) {
      const cells: [string, Cell][] = [];
      for (const [column, name] of batch.columns.entries()) {
        expect(batch.cells[column]).toHaveLength(batch.rowCount);
        const kind = CELL_KINDS[batch.kinds?.[column]?.[row] ?? 0] as string;
        if (kind !== 'missing') cells.push([name, [kind, batch.cells[column]?.[row] as string | null]]);
      }
      rows.push(Object.fromEntries(cells));
    }
  }
  return rows;
}

function scan(pieces: Uint8Array[], lines = false): RowBatch[] {
  const scanner = new JsonScanner({ lines });
  return [...pieces.flatMap((piece) => [...scanner.feed(piece)]), ...scanner.finish()];
}

function faultOf(text: string | Uint8Array, lines = false): FormatFault {
  try {
    scan([typeof text === 'string' ? bytesOf(text) : text], lines);
  } catch (cause) {
    if (cause instanceof FormatFault) return cause;
    throw cause;
  }
  throw new Error('nothing was refused');
}

const SAMPLE = `\ufeff [ {"id":1, "nome":"São João\\n\\"x\\" \\u00e7 \\ud83d\\ude00 😀", "v":-0.10e+2, "t":true,
  "n":null, "e":[ {"a":[]}, "]}\\"" ], "":"vazio", "__proto__":"p", "a\\"b":1.50},
  {}, {"t":false,"id":12345678901234567890.123, "novo":{"x":{}}} ] \n`;

/** Of this process alone: a busy machine takes no more of it. */
const LIMIT_US = 5_000_000;

describe('JsonScanner', () => {
  it('reads the same rows wherever the bytes are cut', () => {
    const bytes = bytesOf(SAMPLE);
    const whole = rowsOf(scan([bytes]));
    expect(whole).toHaveLength(3);
    expect(whole[0]).toStrictEqual(
      Object.fromEntries([
        ['id', ['number', '1']],
        ['nome', ['string', 'São João\n"x" ç 😀 😀']],
        ['v', ['number', '-0.10e+2']],
        ['t', ['boolean', 'true']],
        ['n', ['null', null]],
        ['e', ['json', '[ {"a":[]}, "]}\\"" ]']],
        ['', ['string', 'vazio']],
        ['__proto__', ['string', 'p']],
        ['a"b', ['number', '1.50']],
      ]),
    );
    expect(whole[1]).toStrictEqual({});
    expect(whole[2]).toMatchObject({ id: ['number', '12345678901234567890.123'], novo: ['json', '{"x":{}}'] });
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(rowsOf(scan([bytes.subarray(0, cut), bytes.subarray(cut)]))).toStrictEqual(whole);
    }
    expect(rowsOf(scan(Array.from(bytes, (byte) => Uint8Array.of(byte))))).toStrictEqual(whole);
  });

  it('reads NDJSON with and without a last line break, blank lines and CRLF', () => {
    for (const text of ['{"a":1}\n{"a":2}', '\ufeff{"a":1}\r\n\r\n{"a":2}\r\n']) {
      expect(rowsOf(scan([bytesOf(text)], true))).toStrictEqual([{ a: ['number', '1'] }, { a: ['number', '2'] }]);
    }
    expect(scan([], true)).toStrictEqual([]);
  });

  it('takes one object as one row and an empty array as none', () => {
    expect(rowsOf(scan([bytesOf('{"data":[1]}')]))).toStrictEqual([{ data: ['json', '[1]'] }]);
    expect(scan([bytesOf(' [ ] ')])).toStrictEqual([]);
  });

  it('lets the last of repeated keys win', () => {
    expect(rowsOf(scan([bytesOf('[{"a":1,"b":2,"a":null},{"a":"x","a":"y"}]')]))).toStrictEqual([
      { a: ['null', null], b: ['number', '2'] },
      { a: ['string', 'y'] },
    ]);
  });

  it('agrees with JSON.parse on what is JSON', () => {
    const values = [
      '01',
      '-',
      '1.',
      '.5',
      '1e',
      '1e+',
      '+1',
      'NaN',
      'tru',
      'nulll',
      '"\t"',
      '"\\x"',
      '"\\u12g4"',
      "'a'",
    ];
    values.push('[1,]', '{"a":1,}', '{a:1}', '{"a" 1}', '[1 2]', '[', '{"a":}', '[}', '{]', '-0', '1E-5', '"\\u0000"');
    values.push('[[],{},[[]]]', '{"a":{"b":[{"c":null}]}}', '0', '""', '"\\ud800"', '[1,2', '/**/1', '1 ', 'true');
    for (const value of values) {
      const text = `[{"k":${value}}]`;
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      if (isJson) expect(rowsOf(scan([bytesOf(text)])), value).toHaveLength(1);
      else expect(['malformed_json', 'truncated_file'], value).toContain(faultOf(text).code);
    }
  });

  it('says what is wrong and where', () => {
    expect(faultOf('[{"a":1},\n {"a":x}]')).toMatchObject({ code: 'malformed_json', line: 2, column: 7, row: 2 });
    expect(faultOf('')).toMatchObject({ code: 'empty_file' });
    expect(faultOf('[{"a":1}')).toMatchObject({ code: 'truncated_file', row: 2 });
    expect(faultOf('[{"a":"x')).toMatchObject({ code: 'truncated_file', row: 1 });
    expect(faultOf('{"a":1}\n{"a":', true)).toMatchObject({ code: 'truncated_file', line: 2, row: 2 });
    expect(faultOf('[{"a":1}] x')).toMatchObject({ code: 'trailing_data', column: 11 });
    expect(faultOf('[{"a":1}, 3]')).toMatchObject({ code: 'row_not_object', row: 2 });
    expect(faultOf('[[1]]')).toMatchObject({ code: 'row_not_object' });
    expect(faultOf('{"a":1}{"a":2}', true)).toMatchObject({ code: 'malformed_json', column: 8 });
    expect(faultOf('"x"')).toMatchObject({ code: 'malformed_json' });
    expect(faultOf('[{"\\ud800":1}]')).toMatchObject({ code: 'invalid_column_name' });
    const latin = Uint8Array.from([...bytesOf('[{"a":"çã'), 0xe7, ...bytesOf('"}]')]);
    expect(faultOf(latin)).toMatchObject({ code: 'invalid_encoding', byteOffset: 11 });
    expect(faultOf(Uint8Array.from([...bytesOf('[{"a":"'), 0xc3]))).toMatchObject({ code: 'invalid_encoding' });
  });

  it('refuses endless nesting, rows and keys at once', () => {
    const started = process.cpuUsage();
    expect(faultOf(`[{"a":${'['.repeat(10 << 20)}`).code).toBe('nesting_too_deep');
    expect(faultOf(`[{"a":${'{"a":'.repeat(MAX_DEPTH)}`).code).toBe('nesting_too_deep');
    expect(process.cpuUsage(started).user).toBeLessThan(LIMIT_US);
    const deep = `[{"a":${'['.repeat(MAX_DEPTH - 1)}${']'.repeat(MAX_DEPTH - 1)}}]`;
    expect(rowsOf(scan([bytesOf(deep)]))).toHaveLength(1);
    expect(faultOf(`[{"a":"${'x'.repeat(MAX_ROW_CHARS + 1)}`).code).toBe('row_too_large');
    const keys = Array.from({ length: 5000 }, (_, index) => `"k${index}":1`).join();
    expect(faultOf(`[{${keys}}]`).code).toBe('too_many_columns');
  });

  it('reads a long row in tiny chunks in linear time', () => {
    const bytes = bytesOf(`[{"a":"${'x'.repeat(300_000)}"}]`);
    const started = process.cpuUsage();
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
      bytes.subarray(index * 7, index * 7 + 7),
    );
    expect(rowsOf(scan(pieces))).toHaveLength(1);
    expect(process.cpuUsage(started).user).toBeLessThan(LIMIT_US);
  });

  it('keeps columns in place over batches and puts known ones first', async () => {
    const text = Array.from({ length: 9000 }, (_, index) => `{"${index < 5000 ? 'a' : 'b'}":${index}}`).join('\n');
    const batches = scan([bytesOf(text)], true);
    expect(batches.map((batch) => batch.rowCount)).toStrictEqual([4096, 4096, 808]);
    expect(batches.at(-1)?.columns).toStrictEqual(['a', 'b']);
    const scanner = new JsonScanner({ lines: true, columns: ['z', 'b', 'a'] });
    const known = [...scanner.feed(bytesOf('{"a":1,"b":2}')), ...scanner.finish()];
    expect(known[0]?.columns).toStrictEqual(['z', 'b', 'a']);
    expect(known[0]?.cells).toStrictEqual([[null], ['2'], ['1']]);
    const survey = await surveyJson(new Blob([bytesOf(text)]).stream(), { lines: true });
    expect(survey.rowCount).toBe(9000);
    expect(survey.columns.map(({ name, counts }) => [name, counts.missing, counts.number])).toStrictEqual([
      ['a', 4000, 5000],
      ['b', 5000, 4000],
    ]);
  });
});
