import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parquetFile } from '#tests/support/parquet-fixture.ts';
import { FormatFault } from '../format-fault.ts';
import { describeFile, type SourceFile } from './reader.ts';
import { makeFolder, readCopy, writeParquet } from './reader-test-kit.ts';

// A file that is not what it says is refused with a code; the caller never hangs and learns no path of the machine.

let good: Buffer;
const COLUMNS = ['i', 's'].map((source) => ({ source, target: 'text' as const }));

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'carga-damage-'));
  const file = path.join(folder, 'good.parquet');
  await writeParquet(file, "SELECT i, 'text ' || (i * 7919 % 1000) AS s FROM range(3000) t(i)", "CODEC 'zstd'");
  good = await readFile(file);
  await rm(folder, { recursive: true });
});

async function codeOf(bytes: Uint8Array): Promise<string> {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'damaged.parquet'), format: 'parquet' };
  await writeFile(file.path, bytes);
  const fault = await readCopy(file, COLUMNS, { tempDirectory: folder }).then(
    () => null,
    (error: unknown) => error,
  );
  if (fault === null) return 'read';
  expect(fault).toBeInstanceOf(FormatFault);
  const { code, detail } = fault as FormatFault;
  expect(detail).not.toContain(folder);
  expect(detail).not.toMatch(/\n|Stack|\/tmp/);
  return code;
}

test('names what is wrong with a file that is none', async () => {
  expect(await codeOf(new Uint8Array())).toBe('empty_file');
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
  expect(await codeOf(png)).toBe('not_parquet');
  expect(await codeOf(Buffer.from('PAR1'))).toBe('truncated_file');
  expect(await codeOf(good.subarray(0, good.length - 1))).toBe('truncated_file');
  expect(await codeOf(good.subarray(0, good.length / 2))).toBe('truncated_file');
  expect(await codeOf(Buffer.concat([good.subarray(0, 4), good.subarray(-8)]))).toBe('corrupt_file');
  expect(await codeOf(Buffer.concat([Buffer.from('PARE'), good.subarray(4)]))).toBe('encrypted_file');
});

test('refuses a middle that is missing and pages that do not unpack', async () => {
  const hole = Buffer.concat([good.subarray(0, 500), good.subarray(900)]);
  expect(await codeOf(hole)).not.toBe('read');
  const flipped = Buffer.from(good);
  for (let at = 4; at < 200; at++) flipped[at] = (flipped[at] as number) ^ 0xff;
  expect(await codeOf(flipped)).not.toBe('read');
});

test('bits flipped anywhere in the footer give a fault or a result, never a crash', async () => {
  const footer = good.length - 8 - good.readUInt32LE(good.length - 8);
  const codes: string[] = [];
  for (let round = 0; round < 6; round++) {
    const damaged = Buffer.from(good);
    const at = footer + Math.floor(((good.length - 8 - footer) * (round + 0.5)) / 6);
    damaged[at] = (damaged[at] as number) ^ (1 << (round + 1));
    codes.push(await codeOf(damaged));
  }
  expect(codes).not.toContain('reader_failed');
});

test.each([1, 2] as const)(
  'refuses a value that the checksum of its page of version %i tells from the written one',
  async (version) => {
    const data = Buffer.alloc(40);
    for (let value = 0; value < 10; value++) data.writeInt32LE(7_000 + value, 4 * value);
    const page = { version, count: 5, hasChecksum: true };
    const pages = [data.subarray(0, 20), data.subarray(20)].map((bytes) => ({ ...page, data: bytes }));
    const bytes = parquetFile({
      schema: ['i', 's'].map((name) => ({ name, physical: 'INT32' })),
      rowGroups: [{ rows: 10, columns: [{ pages }, { pages }] }],
    });
    expect(await codeOf(bytes)).toBe('read');
    const last = Buffer.alloc(4);
    last.writeInt32LE(7_009);
    const at = bytes.lastIndexOf(last);
    bytes[at] = (bytes[at] as number) ^ 1;
    expect(await codeOf(bytes)).toBe('corrupt_file');
  },
);

test('refuses a decimal that is too wide to be read exactly', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'wide.parquet'), format: 'parquet' };
  await writeParquet(file.path, 'SELECT 1.5::DECIMAL(38,4) AS d');
  const bytes = await readFile(file.path);
  // In Thrift's compact encoding 38 is 0x4c and 76 is 0x98 0x01: DECIMAL(44) keeps the length.
  let patched = 0;
  for (let at = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8); at < bytes.length - 8; at++) {
    if (bytes[at] === 0x4c && bytes[at - 1] === 0x15) {
      bytes[at] = 44 * 2;
      patched++;
    }
  }
  expect(patched).toBeGreaterThan(0);
  await writeFile(file.path, bytes);
  await expect(describeFile(file, { tempDirectory: folder })).rejects.toMatchObject({ code: 'unsupported_type' });
});

test('refuses more rows or bytes than allowed', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'a.parquet'), format: 'parquet' };
  await writeFile(file.path, good);
  const rows = readCopy(file, COLUMNS, { tempDirectory: folder, maxRows: 2999 });
  await expect(rows).rejects.toMatchObject({ code: 'too_many_rows' });
  const bytes = readCopy(file, COLUMNS, { tempDirectory: folder, maxOutputBytes: 20_000 });
  await expect(bytes).rejects.toMatchObject({ code: 'output_too_large' });
});

/** A Parquet file without rows whose schema is as given, in Thrift's compact encoding. */
function schemaOnly(elements: { name: string; children?: number }[]): Buffer {
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  const i32 = (value: number) => varint(value * 2);
  const bytes: number[] = [0x15, ...i32(1), 0x19, 0xfc, ...varint(elements.length)];
  for (const { name, children } of elements) {
    // A leaf is an INT32; repetition is required; then the name and the number of children.
    bytes.push(...(children === undefined ? [0x15, ...i32(1), 0x25, ...i32(0)] : [0x35, ...i32(0)]), 0x18);
    bytes.push(...varint(name.length), ...Buffer.from(name));
    if (children !== undefined) bytes.push(0x15, ...i32(children));
    bytes.push(0);
  }
  bytes.push(0x16, 0, 0x19, 0x0c, 0);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('PAR1'), Buffer.from(bytes), length, Buffer.from('PAR1')]);
}

test('refuses a schema that is too deep or too wide, soon', async () => {
  const good = schemaOnly([{ name: 'root', children: 2 }, { name: 'i' }, { name: 's' }]);
  expect(await codeOf(good)).toBe('read');
  const levels = Array.from({ length: 20_000 }, () => ({ name: 'n', children: 1 }));
  const began = performance.now();
  const deep = await codeOf(schemaOnly([{ name: 'root', children: 1 }, ...levels, { name: 'leaf' }]));
  expect(['corrupt_file', 'nesting_too_deep']).toContain(deep);
  const columns = Array.from({ length: 100_000 }, (_, index) => ({ name: `c${index}` }));
  expect(await codeOf(schemaOnly([{ name: 'root', children: columns.length }, ...columns]))).toBe('too_many_columns');
  expect(performance.now() - began).toBeLessThan(60_000);
});

test('a few bytes that unpack to gigabytes are stopped by the memory limit', async () => {
  const folder = await makeFolder();
  const file: SourceFile = { path: path.join(folder, 'bomb.parquet'), format: 'parquet' };
  await writeParquet(file.path, "SELECT repeat('a', 1000000) AS s FROM range(3000)", "CODEC 'zstd'");
  const options = { tempDirectory: folder, memoryLimitBytes: 400 << 20 };
  const rows = readCopy(file, [{ source: 's', target: 'text' }], options);
  await expect(rows).rejects.toMatchObject({ code: 'memory_limit' });
});
