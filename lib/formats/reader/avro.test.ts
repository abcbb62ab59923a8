import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';
import avsc from 'avsc';
import SnappyJS from 'snappyjs';
import { expect, test } from 'vitest';
import type { CellTarget } from './protocol.ts';
import { describeFile, type SourceFile } from './reader.ts';
import { makeFolder, parseCopy, pickAll, readCopy } from './reader-test-kit.ts';

const SYNC = Buffer.from('0123456789abcdef');

const long = (value: number | bigint): Buffer => {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
};
const sized = (bytes: Buffer | string): Buffer => Buffer.concat([long(Buffer.byteLength(bytes)), Buffer.from(bytes)]);

/** A container file written by hand, so that it can hold what no writer would write. */
function container(schema: unknown, blocks: { rows: number | bigint; data: Buffer }[], codec = 'null'): Buffer {
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
  const header = [
    Buffer.from('Obj\x01'),
    long(2),
    sized('avro.schema'),
    sized(text),
    sized('avro.codec'),
    sized(codec),
  ];
  const bodies = blocks.flatMap(({ rows, data }) => [long(rows), sized(data), SYNC]);
  return Buffer.concat([...header, long(0), SYNC, ...bodies]);
}

async function write(bytes: Uint8Array) {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.avro'), format: 'avro' };
  await writeFile(file.path, bytes);
  return { file, options: { tempDirectory: folder } };
}

async function codeOf(bytes: Uint8Array): Promise<{ code: string; detail: string }> {
  const { file, options } = await write(bytes);
  return readCopy(file, [{ source: 'a', target: 'text' }], options).then(
    () => ({ code: 'read', detail: '' }),
    ({ code, detail }: { code: string; detail: string }) => ({ code, detail }),
  );
}

const record = (...fields: [name: string, type: unknown][]) => ({
  type: 'record',
  name: 'R',
  fields: fields.map(([name, type]) => ({ name, type })),
});

test('reads every type exactly', async () => {
  const bytesOf = (hex: string) => Buffer.from(hex, 'hex');
  const double = Buffer.alloc(8);
  double.writeDoubleLE(5e-324);
  const float = Buffer.alloc(4);
  float.writeFloatLE(0.1);
  const duration = Buffer.alloc(12);
  duration.writeUInt32LE(1, 0);
  duration.writeUInt32LE(2, 4);
  duration.writeUInt32LE(3456, 8);
  const logical = (type: unknown, logicalType: string, more = {}) => ({
    ...(typeof type === 'object' ? type : { type }),
    logicalType,
    ...more,
  });
  const fixed = (name: string, size: number) => ({ type: 'fixed', name, size });
  const values: [type: unknown, data: Buffer, target: CellTarget, cell: string | null][] = [
    ['long', long(2n ** 63n - 1n), 'number', '9223372036854775807'],
    ['long', long(-(2n ** 63n)), 'number', '-9223372036854775808'],
    ['long', long(9007199254740993n), 'number', '9007199254740993'],
    ['int', long(-1), 'number', '-1'],
    ['boolean', Buffer.from([1]), 'boolean', 'true'],
    ['double', double, 'number', '5e-324'],
    ['float', float, 'number', '0.1'],
    ['string', sized('a\t\\\n😀'), 'text', 'a\t\\\n😀'],
    ['string', sized('{"a":1.00}'), 'json', '{"a":1.00}'],
    ['bytes', sized(bytesOf('00ff')), 'bytea', '\\x00ff'],
    ['bytes', sized('ção'), 'text', 'ção'],
    [['null', 'string'], long(0), 'text', null],
    [['null', 'string', 'long'], Buffer.concat([long(2), long(7)]), 'text', '7'],
    [['null', 'string', 'long'], Buffer.concat([long(1), sized('7')]), 'json', '"7"'],
    [['null', 'string'], Buffer.concat([long(1), sized('{"a":1.00}')]), 'json', '{"a":1.00}'],
    [logical('bytes', 'decimal', { precision: 40, scale: 2 }), sized(bytesOf('ff38')), 'number', '-2.00'],
    [logical('bytes', 'decimal', { precision: 40, scale: 2 }), sized(bytesOf('ff38')), 'integer', '-2'],
    [
      logical(fixed('F', 16), 'decimal', { precision: 38, scale: 38 }),
      bytesOf('4b3b4ca85a86c47a098a223fffffffff'),
      'number',
      '0.99999999999999999999999999999999999999',
    ],
    [logical('int', 'date'), long(-719_529), 'date', '0002-12-31 BC'],
    [logical('int', 'date'), long(19_724), 'json', '"2024-01-02"'],
    [logical('int', 'time-millis'), long(86_399_999), 'other', '23:59:59.999'],
    [logical('long', 'time-micros'), long(1), 'other', '00:00:00.000001'],
    [logical('long', 'timestamp-millis'), long(-1), 'timestamp', '1969-12-31 23:59:59.999+00'],
    [logical('long', 'timestamp-micros'), long(1_704_164_645_000_001n), 'timestamp', '2024-01-02 03:04:05.000001+00'],
    [logical('long', 'timestamp-micros'), long(1_704_164_645_000_001n), 'json', '"2024-01-02T03:04:05.000001Z"'],
    [logical('long', 'local-timestamp-micros'), long(0), 'timestamp', '1970-01-01 00:00:00'],
    [logical('long', 'timestamp-nanos'), long(1), 'text', '1970-01-01 00:00:00.000000001+00'],
    [
      logical('string', 'uuid'),
      sized('c2d1c02e-6c3a-4b0c-9d84-2b9f1a0e8e11'),
      'other',
      'c2d1c02e-6c3a-4b0c-9d84-2b9f1a0e8e11',
    ],
    [
      logical(fixed('U', 16), 'uuid'),
      bytesOf('c2d1c02e6c3a4b0c9d842b9f1a0e8e11'),
      'other',
      'c2d1c02e-6c3a-4b0c-9d84-2b9f1a0e8e11',
    ],
    [logical(fixed('D', 12), 'duration'), duration, 'other', '1 mons 2 days 3.456 secs'],
    [{ type: 'enum', name: 'E', symbols: ['X', 'Y'] }, long(1), 'text', 'Y'],
    [
      { type: 'array', items: 'long' },
      Buffer.concat([long(-2), long(20), long(1), long(2n ** 60n), long(0)]),
      'json',
      '[1,1152921504606846976]',
    ],
    [
      { type: 'map', values: ['null', 'double'] },
      Buffer.concat([long(1), sized('__proto__'), long(1), double, long(0)]),
      'json',
      '{"__proto__":5e-324}',
    ],
    [
      { ...record(['__proto__', 'string'], ['b', 'bytes']), name: 'N' },
      Buffer.concat([sized('p"'), sized(bytesOf('ff'))]),
      'text',
      '{"__proto__":"p\\"","b":"\\\\xff"}',
    ],
    [
      {
        type: 'record',
        name: 'L',
        fields: [
          { name: 'v', type: 'int' },
          { name: 'next', type: ['null', 'L'] },
        ],
      },
      Buffer.concat([long(1), long(1), long(2), long(0)]),
      'json',
      '{"v":1,"next":{"v":2,"next":null}}',
    ],
  ];
  const schema = record(
    ...values.map(([type], index): [string, unknown] => [index === 0 ? '__proto__' : `c${index}`, type]),
  );
  const data = Buffer.concat(values.map(([, bytes]) => bytes));
  const { file, options } = await write(container(schema, [{ rows: 1, data }]));
  const columns = values.map(([, , target], index) => ({ source: index === 0 ? '__proto__' : `c${index}`, target }));
  const { text } = await readCopy(file, columns, options);
  expect(parseCopy(text)[0]?.slice(1)).toEqual(values.map(([, , , cell]) => cell));
  const [picked] = await pickAll(file, columns, [1], options);
  expect(picked?.cells).toEqual(values.map(([, , , cell]) => cell));
  expect(picked?.dataJson).toContain('"__proto__":9223372036854775807,');
  expect(() => JSON.parse(picked?.dataJson as string)).not.toThrow();
});

test('reads the codecs of other writers, block after block', async () => {
  const folder = await makeFolder();
  const codecs: Record<string, (bytes: Buffer) => Buffer> = {
    null: (bytes) => bytes,
    deflate: (bytes) => deflateRawSync(bytes),
    zstandard: (bytes) => zstdCompressSync(bytes),
    snappy: (bytes) => {
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(crc32(bytes));
      return Buffer.concat([SnappyJS.compress(bytes), sum]);
    },
  };
  for (const [codec, pack] of Object.entries(codecs)) {
    const file: SourceFile = { path: path.join(folder, `${codec}.avro`), format: 'avro' };
    const encoder = avsc.createFileEncoder(
      file.path,
      record(['id', 'long'], ['name', ['null', 'string']]) as avsc.Schema,
      { codec, blockSize: 20_000, codecs: { [codec]: (bytes, done) => done(null, pack(bytes)) } },
    );
    for (let id = 0; id < 5000; id++) encoder.write({ id, name: id % 3 === 0 ? null : `name ${id}` });
    encoder.end();
    await once(encoder, 'finish');
    const columns = [
      { source: 'name', target: 'text' as const },
      { source: 'id', target: 'number' as const },
    ];
    const { text, summary } = await readCopy(file, columns, { tempDirectory: folder });
    const expected = Array.from(
      { length: 5000 },
      (_, id) => `${id + 1}\t${id % 3 === 0 ? '\x01' : `name ${id}`}\t${id}\n`,
    );
    expect(text === expected.join(''), codec).toBe(true);
    expect(summary.rowCount).toBe(5000);
    if (codec !== 'snappy') continue;
    expect(await describeFile(file, { tempDirectory: folder })).toMatchObject({
      columns: [
        { name: 'id', type: 'long', nested: false },
        { name: 'name', type: 'null | string', nested: false },
      ],
      rowCount: 5000,
    });
    const bytes = await readFile(file.path);
    bytes[bytes.length - 30] = (bytes[bytes.length - 30] as number) ^ 1;
    expect((await codeOf(bytes)).code).toBe('missing_column');
    const flipped = await write(bytes);
    await expect(readCopy(flipped.file, columns, flipped.options)).rejects.toMatchObject({ code: 'corrupt_file' });
  }
});

test('withholds rows that PostgreSQL cannot be asked about, and says why', async () => {
  const schema = record(['a', 'string'], ['b', 'bytes'], ['t', { type: 'long', logicalType: 'timestamp-nanos' }]);
  const row = (a: string | Buffer, b: Buffer, t: number) => Buffer.concat([sized(a), sized(b), long(t)]);
  const ok = Buffer.from('ok');
  const rows = [
    row('x', ok, 1000),
    row('n\0', ok, 0),
    row('y', Buffer.from([0xff]), 0),
    row(Buffer.from([0xc3]), ok, 0),
    row('z', ok, 1),
  ];
  const { file, options } = await write(container(schema, [{ rows: rows.length, data: Buffer.concat(rows) }]));
  const columns = (['text', 'text', 'timestamp'] as const).map((target, index) => ({
    source: 'abt'[index] as string,
    target,
  }));
  const { text, summary } = await readCopy(file, columns, options);
  expect(text).toBe('1\tx\tok\t1970-01-01 00:00:00.000001+00\n');
  expect(summary).toMatchObject({ withheldRows: 4, withheldRowNumbers: [2, 3, 4, 5] });
  const picked = await pickAll(file, columns, [2, 3, 4, 5], options);
  expect(picked.map(({ faults: [fault] }) => [fault?.column, fault?.code])).toEqual([
    ['a', 'nul_character'],
    ['b', 'invalid_utf8'],
    ['a', 'invalid_utf8'],
    ['t', 'precision_lost'],
  ]);
  expect(picked.map(({ cells }) => cells[0])).toEqual([null, 'y', null, 'z']);
  expect(picked[0]?.dataJson).toBe('{"a":"n␀","b":"ok","t":"1970-01-01T00:00:00Z"}');
});

test('withholds rows whose lists hold what an array would round', async () => {
  const nanos = { type: 'long', logicalType: 'timestamp-nanos' };
  const micros = { type: 'long', logicalType: 'local-timestamp-micros' };
  const schema = record(['a', { type: 'array', items: nanos }], ['d', { type: 'array', items: micros }]);
  const list = (value: number) => Buffer.concat([long(1), long(value), long(0)]);
  const rows = [
    [1000, 0],
    [1001, 0],
    [0, 86_400_000_001],
  ] as const;
  const data = Buffer.concat(rows.flatMap(([a, d]) => [list(a), list(d)]));
  const { file, options } = await write(container(schema, [{ rows: rows.length, data }]));
  const columns = [
    { source: 'a', target: 'array' as const },
    { source: 'd', target: 'dateArray' as const },
  ];
  const { text } = await readCopy(file, columns, options);
  expect(parseCopy(text)).toEqual([['1', '{"1970-01-01T00:00:00.000001Z"}', '{"1970-01-01T00:00:00"}']]);
  const picked = await pickAll(file, columns, [2, 3], options);
  expect(picked.map(({ faults: [fault] }) => [fault?.column, fault?.code])).toEqual([
    ['a', 'precision_lost'],
    ['d', 'precision_lost'],
  ]);
  const json = [{ source: 'a', target: 'json' as const }];
  expect(parseCopy((await readCopy(file, json, options)).text)[1]?.[1]).toBe('["1970-01-01T00:00:00.000001001Z"]');
});

test('names the block that is damaged', async () => {
  const block = { rows: 2, data: Buffer.concat([sized('one'), sized('two')]) };
  const good = container(record(['a', 'string']), [block, block]);
  expect((await codeOf(good)).code).toBe('read');
  expect(await codeOf(good.subarray(0, good.length - 20))).toMatchObject({
    code: 'truncated_file',
    detail: expect.stringContaining('Block 2'),
  });
  const wrongCount = container(record(['a', 'string']), [block, { ...block, rows: 3 }]);
  expect(await codeOf(wrongCount)).toMatchObject({ code: 'corrupt_file', detail: expect.stringContaining('Block 2') });
  const tooFew = container(record(['a', 'string']), [{ ...block, rows: 1 }]);
  expect((await codeOf(tooFew)).code).toBe('corrupt_file');
  const unsynced = Buffer.from(good);
  unsynced[unsynced.length - 1] = 0;
  expect((await codeOf(unsynced)).code).toBe('corrupt_file');
});

test('refuses what is no Avro file of rows', async () => {
  expect((await codeOf(Buffer.alloc(0))).code).toBe('empty_file');
  expect((await codeOf(Buffer.from('{"a":1}'))).code).toBe('not_avro');
  expect((await codeOf(container(record(['a', 'long']), []).subarray(0, 40))).code).toBe('truncated_file');
  expect((await codeOf(container('{"type":"record"', []))).code).toBe('corrupt_file');
  expect((await codeOf(container('"long"', []))).code).toBe('unsupported_type');
  for (const codec of ['bzip2', 'xz', 'constructor']) {
    const refused = await codeOf(container(record(['a', 'long']), [], codec));
    expect(refused).toMatchObject({ code: 'unsupported_encoding', detail: expect.stringContaining(codec) });
  }
  expect((await codeOf(container(record(['a', 'Missing']), []))).code).toBe('corrupt_file');
  const deep = `${'{"type":"array","items":'.repeat(20_000)}"long"${'}'.repeat(20_000)}`;
  expect(
    (await codeOf(container(`{"type":"record","name":"R","fields":[{"name":"a","type":${deep}}]}`, []))).code,
  ).toBe('nesting_too_deep');
});

test('bombs stop early', async () => {
  const schema = record(['a', 'bytes']);
  const zeros = Buffer.alloc(200 << 20);
  const bomb = container(schema, [{ rows: 1, data: deflateRawSync(zeros) }], 'deflate');
  expect((await codeOf(bomb)).code).toBe('file_too_complex');
  expect((await codeOf(container(schema, [{ rows: 1, data: zstdCompressSync(zeros) }], 'zstandard'))).code).toBe(
    'file_too_complex',
  );
  const claim = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07]), Buffer.alloc(8)]);
  expect((await codeOf(container(schema, [{ rows: 1, data: claim }], 'snappy'))).code).toBe('file_too_complex');
  const nothing = container(record(['a', 'null']), [{ rows: 2n ** 40n, data: Buffer.alloc(0) }]);
  expect((await codeOf(nothing)).code).toBe('corrupt_file');
  const nulls = Buffer.concat([long(2n ** 40n), long(0)]);
  const list = container(record(['a', { type: 'array', items: 'null' }]), [{ rows: 1, data: nulls }]);
  expect((await codeOf(list)).code).toBe('row_too_large');
});
