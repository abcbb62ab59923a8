import { describe, expect, it } from 'vitest';
import { type ConvertSummary, convertToParquet } from './convert-to-parquet.ts';
import type { CsvOptions } from './csv-scanner.ts';
import { framingOf, readRowFault, restoreCsvHeader, restoreRowsAsCsv, restoreRowsAsJson } from './restore-rows.ts';
import type { SourceNote } from './source-note.ts';
import { MemorySink, readParquet } from './testing/read-parquet.ts';

type Format = 'csv' | 'json' | 'ndjson';
type Converted = Awaited<ReturnType<typeof readParquet>> & { summary: ConvertSummary; note: SourceNote };

/** Chunks of a size that cuts everything somewhere. */
async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function convert(source: string | Uint8Array, format: Format, csv?: Partial<CsvOptions>): Promise<Converted> {
  const bytes = typeof source === 'string' ? new TextEncoder().encode(source) : source;
  const sink = new MemorySink();
  const summary = await convertToParquet({ open: () => cut(bytes, 1013), format, csv, sink });
  expect(sink.isClosed).toBe(true);
  const file = await readParquet(sink.bytes);
  expect(file.note).toStrictEqual(summary.note);
  return { ...file, note: summary.note, summary };
}

async function restore(source: string, format: 'json' | 'ndjson'): Promise<string> {
  const { note, columns, cells } = await convert(source, format);
  const rows = restoreRowsAsJson(note, columns, cells);
  for (const row of rows) expect(row).not.toMatch(/[\r\n]/);
  const { before, between, after } = framingOf(note);
  return before + rows.join(between) + after;
}

/** JSON in one way of writing: keys sorted, number literals kept (JSON.parse alone would make `1.50` equal `1.5`). */
function exactly(json: string): string {
  const write = (value: unknown): string => {
    if (value instanceof Literal) return value.text;
    if (Array.isArray(value)) return `[${value.map(write).join()}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join()}}`;
  };
  return write(
    JSON.parse(json, (_key, value, context?: { source?: string }) =>
      typeof value === 'number' ? new Literal(context?.source ?? '') : value,
    ),
  );
}

class Literal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const NESTED = `[
  { "id": 1, "nome": "São \\"João\\"\\n", "valor": 1.50, "ativo": true, "email": null, "enderecos": [
      { "rua": "A\\u00e7a\\u00ed, 1", "cep": "01310-100", "geo": { "lat": -23.0, "lon": [1e3, 2E-5, 0.10] } } ],
    "tags": [], "extra": {}, "": "sem nome", "__proto__": { "x": 1 }, "a\\"b": "", "misto": "1" },
  { "id": 12345678901234567890.000, "nome": "", "ativo": false, "enderecos": [], "misto": 1, "email": "x@y.z" },
  {},
  { "nome": "\\ud83d\\ude00 \\ud800 só", "misto": true, "tags": "texto", "extra": null, "email": null, "toString": "1" },
  { "id": "007", "misto": null, "tags": 1.0, "extra": [[[[{"k":[null,true,""]}]]]], "_carga": "minha", "ID": -0 }
]`;

describe('convertToParquet and back', () => {
  it('gives equal JSON for nested rows of every kind', async () => {
    const restored = await restore(NESTED, 'json');
    expect(exactly(restored)).toBe(exactly(NESTED));
  });

  it('gives equal NDJSON, with the keys in their order', async () => {
    const source = '{"b":1,"a":"x"}\n{"b":2,"a":null}\n{"b":3,"a":"\\u0000"}\n';
    expect(await restore(source, 'ndjson')).toBe(source);
  });

  it.each([
    ['an empty array', '[]', 'json'],
    ['rows without keys', '[{},{}]', 'json'],
    ['one object', '{"data":[{"a":1},{"a":2}],"n":null}', 'json'],
    ['an empty object', '{}', 'json'],
    ['only nulls', '[{"a":null},{"a":null},{}]', 'json'],
    ['mostly missing', '[{"a":1},{},{},{"a":null}]', 'json'],
    ['upper and lower case', '[{"a":1,"A":2,"a_1":3}]', 'json'],
    ['names like ours', '[{"_carga":1,"_CARGA_2":"x","column_4":1,"":2},{"_carga":"y"}]', 'json'],
    ['numbers as keys', '[{"2":1,"10":2,"1":3}]', 'json'],
    ['strings among objects', '[{"a":{"b":1}},{"a":"{\\"b\\":1}"},{"a":"\\ud800"},{"a":7},{"a":null},{}]', 'json'],
    ['no lines', '', 'ndjson'],
  ] as const)('restores %s', async (_name, source, format) => {
    const restored = await restore(source, format);
    if (format === 'json') expect(exactly(restored)).toBe(exactly(source));
    else expect(restored.trim()).toBe(source);
  });

  it('restores random rows', async () => {
    let seed = 42;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const texts = [
      '',
      ' ',
      'ã',
      '😀',
      '\u0000',
      '"',
      '\\',
      '\n',
      '{',
      '[1',
      'null',
      'true',
      '0012',
      '\ud800',
      '\u2028',
    ];
    const keys = ['a', 'b', '', '__proto__', 'constructor', 'á', 'c d', '"', 'A', '0'];
    const makeValue = (depth: number): string => {
      const kind = random(depth > 3 ? 5 : 8);
      if (kind === 0) return 'null';
      if (kind === 1) return ['true', 'false'][random(2)] as string;
      if (kind === 2) return ['0', '-0', '1.00', '1e400', '123456789012345678901', '-0.5E-7'][random(6)] as string;
      if (kind <= 4) return JSON.stringify(texts[random(texts.length)]);
      if (kind === 5) return `[${Array.from({ length: random(3) }, () => makeValue(depth + 1)).join(' ,\n ')}]`;
      return makeObject(depth + 1);
    };
    const makeObject = (depth: number): string => {
      const chosen = keys.filter(() => random(3) > 0);
      return `{ ${chosen.map((key) => `${JSON.stringify(key)} :\n\t${makeValue(depth)}`).join(', ')} }`;
    };
    for (let round = 0; round < 15; round++) {
      const source = `[${Array.from({ length: random(30) }, () => makeObject(0)).join(',')}]`;
      expect(exactly(await restore(source, 'json'))).toBe(exactly(source));
    }
  });

  it('keeps natural text in plain columns and JSON text in nested ones', async () => {
    const { columns, cells, summary } = await convert('[{"doc":"007","v":1.50,"e":[1, 2]},{"e":"x"}]', 'json');
    expect(columns).toStrictEqual(['doc', 'v', 'e']);
    expect(cells).toStrictEqual([
      ['007', null],
      ['1.50', null],
      ['[1, 2]', '"x"'],
    ]);
    expect(summary.columns.map(({ encoding }) => encoding)).toStrictEqual(['string', 'number', 'json']);
  });

  it('writes many groups', async () => {
    const source = Array.from({ length: 45_000 }, (_, index) => `{"i":${index},"t":"${'x'.repeat(index % 50)}"}`).join(
      '\n',
    );
    expect(await restore(source, 'ndjson')).toBe(`${source}\n`);
  });
});

describe('convertToParquet of CSV', () => {
  it('keeps cells as they are and gives the same table back', async () => {
    const source = '\ufeffcodigo;nome ;obs;\r\n007;"São ""X""";"a\r\nb";1,50\r\n\r\n008;;"";\r\n';
    const { columns, cells, note, summary } = await convert(source, 'csv');
    expect(columns).toStrictEqual(['codigo', 'nome', 'obs', 'column_4']);
    expect(cells).toStrictEqual([
      ['007', '008'],
      ['São "X"', null],
      ['a\r\nb', ''],
      ['1,50', null],
    ]);
    expect(summary).toMatchObject({ rowCount: 2, rowFaultCount: 0 });
    expect(note.csv).toMatchObject({ delimiter: ';', encoding: 'utf-8', newline: '\r\n', header: true, decimal: ',' });
    const lines = [restoreCsvHeader(note), ...restoreRowsAsCsv(note, columns, cells)];
    const again = await convert(lines.join('\r\n'), 'csv', note.csv ?? undefined);
    expect(again.cells).toStrictEqual(cells);
    expect(restoreRowsAsJson(note, columns, cells)[1]).toBe('{"codigo":"008","nome":null,"obs":"","column_4":null}');
  });

  it('carries rows that do not fit, with their reason', async () => {
    const source = 'a,b\n1,2\n3\n4,5,6\n"x"y,7\n8,9\n';
    const { columns, cells, note, summary } = await convert(source, 'csv');
    expect(columns).toStrictEqual(['a', 'b', '_carga']);
    expect(summary.rowFaults.map(({ row, code }) => [row, code])).toStrictEqual([
      [2, 'too_few_fields'],
      [3, 'too_many_fields'],
      [4, 'malformed_quotes'],
    ]);
    expect(cells[2]?.map((cell) => readRowFault(note, cell)?.code ?? null)).toStrictEqual([
      null,
      'too_few_fields',
      'too_many_fields',
      'malformed_quotes',
      null,
    ]);
    expect(restoreRowsAsCsv(note, columns, cells).slice(0, 3)).toStrictEqual(['1,2', '3', '4,5,6']);
  });

  it('converts a header alone', async () => {
    const { columns, cells, summary } = await convert('a;b\n', 'csv');
    expect([columns, cells, summary.rowCount]).toStrictEqual([['a', 'b'], [[], []], 0]);
  });

  it('finds one-byte text that begins as ASCII', async () => {
    const source = Buffer.from(`nome;n\n${'abc;1\n'.repeat(20_000)}Goiânia;2\n`, 'latin1');
    const { cells, note } = await convert(source, 'csv');
    expect(note.csv?.encoding).toBe('windows-1252');
    expect(cells[0]?.at(-1)).toBe('Goiânia');
    await expect(convert(source, 'csv', { encoding: 'utf-8' })).rejects.toMatchObject({
      code: 'invalid_encoding',
      byteOffset: source.indexOf(0xe2),
    });
  });
});

describe('convertToParquet interrupted', () => {
  it('writes nothing of a file that cannot be read', async () => {
    const sink = new MemorySink();
    const bytes = new TextEncoder().encode('[{"a":1},{"a":}]');
    const converting = convertToParquet({ open: () => cut(bytes, 5), format: 'json', sink });
    await expect(converting).rejects.toMatchObject({ code: 'malformed_json', row: 2, column: 15 });
    expect(sink.chunks).toStrictEqual([]);
  });

  it('stops at once when it is aborted, in either phase', async () => {
    const bytes = new TextEncoder().encode('{"a":1}\n'.repeat(200_000));
    for (const phase of ['survey', 'convert']) {
      const controller = new AbortController();
      const sink = new MemorySink();
      const converting = convertToParquet({
        open: () => new Blob([bytes]).stream(),
        format: 'ndjson',
        sink,
        signal: controller.signal,
        onProgress: (progress) => progress.phase === phase && controller.abort(new Error('enough')),
      });
      await expect(converting).rejects.toThrow('enough');
      expect(sink.isClosed).toBe(false);
    }
  });

  it('fails when the sink fails', async () => {
    const write = () => Promise.reject(new Error('full'));
    const open = () => cut(new TextEncoder().encode('[{"a":1}]'), 3);
    const sink = { write, close: async () => undefined };
    await expect(convertToParquet({ open, format: 'json', sink })).rejects.toThrow('full');
  });

  it('reports progress in both phases', async () => {
    const bytes = new TextEncoder().encode('{"a":1}\n'.repeat(1000));
    const seen: string[] = [];
    await convertToParquet({
      open: () => cut(bytes, 4000),
      format: 'ndjson',
      sink: new MemorySink(),
      onProgress: ({ phase, bytesRead, rowCount }) => seen.push(`${phase} ${bytesRead} ${rowCount}`),
    });
    expect(seen).toStrictEqual(['survey 4000 500', 'survey 8000 1000', 'convert 4000 500', 'convert 8000 1000']);
  });
});
