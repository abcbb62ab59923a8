import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '#tests/support/random.ts';
import { FormatFault } from '../format-fault.ts';
import { structOf } from './parquet-footer.ts';
import { copyParquet } from './parquet-reader.ts';
import { makeReadable } from './readable-parquet.ts';
import { makeFolder, writeParquet } from './reader-test-kit.ts';
import { fieldsOf, itemsOf, readStruct, type ThriftFields } from './thrift-reader.ts';
import { i32, i64, list, struct } from './thrift-writer.ts';

// That what is made reads back rightly is told by the golden files.

const golden = (name: string) => path.join('tests', 'fixtures', 'golden', `${name}.parquet`);
const LIMITS = { memoryLimitBytes: 1 << 30, maxRows: null, maxOutputBytes: null };

/** A copy of a golden file with another footer. */
async function withFooter(
  name: string,
  change: (fields: ThriftFields) => void,
): Promise<{ folder: string; file: string }> {
  const folder = await makeFolder();
  const bytes = await readFile(golden(name));
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  const { fields } = readStruct(bytes.subarray(start, bytes.length - 8));
  change(fields);
  const footer = structOf(fields).bytes;
  const tail = Buffer.alloc(8, 'xxxxPAR1');
  tail.writeUInt32LE(footer.length);
  const file = path.join(folder, 'given.parquet');
  await writeFile(file, Buffer.concat([bytes.subarray(0, start), footer, tail]));
  return { folder, file };
}

test('makes a file only where it must, and once', async () => {
  const folder = await makeFolder();
  expect(await makeReadable(golden('codec-snappy-v2'), folder)).toMatchObject({ path: golden('codec-snappy-v2') });
  const made = await makeReadable(golden('codec-lz4-hadoop'), folder);
  expect(await readdir(folder)).toEqual([path.basename(made.path)]);
  const atOnce = await Promise.all([1, 2, 3].map(() => makeReadable(golden('codec-lz4-hadoop'), folder)));
  expect(atOnce).toEqual([made, made, made]);
  expect(await readdir(folder)).toHaveLength(1);
});

test('takes the word of the statistics that integers have no more bits than their column says', async () => {
  const file = path.join(await makeFolder(), 'narrow.parquet');
  const columns = ['TINYINT', 'SMALLINT', 'UTINYINT', 'USMALLINT'].map((type, index) => `i::${type} AS c${index}`);
  await writeParquet(file, `SELECT ${columns}, NULL::TINYINT AS nada FROM range(100) t(i)`, 'ROW_GROUP_SIZE 50');
  expect((await makeReadable(file)).widerLeaves).toEqual(new Map());
  const { widerLeaves } = await makeReadable(golden('integers-wider'), path.dirname(file));
  expect([...widerLeaves.keys()]).toEqual([0, 1, 2, 3]);
});

test('a footer keeps what it says beyond what is known here', async () => {
  const unknown = struct([[300, struct([])]]);
  const { folder, file } = await withFooter('codec-lz4-hadoop', (fields) => fields.set(32_767, unknown));
  const bytes = await readFile((await makeReadable(file, folder)).path);
  const footer = bytes.subarray(bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8));
  expect(readStruct(footer).fields.get(32_767)).toEqual(unknown);
});

test('names encrypted columns although the footer can be read', async () => {
  const { folder, file } = await withFooter('codec-snappy-v2', (fields) => fields.set(8, struct([])));
  await expect(makeReadable(file, folder)).rejects.toMatchObject({ code: 'encrypted_file' });
});

test('counts the rows of the row groups where the footer does not, and refuses a footer that contradicts itself', async () => {
  const other = await withFooter('codec-snappy-v2', (fields) => fields.set(3, i64(0)));
  const columns = [{ source: 'n', target: 'text' as const }];
  const rows = path.join(other.folder, 'rows');
  expect(await copyParquet(other.file, columns, rows, LIMITS, null)).toMatchObject({ rowCount: 3, withheldRows: 0 });
  for (const count of [2, 4]) {
    const lying = await withFooter('codec-snappy-v2', (fields) => {
      const group = fieldsOf(itemsOf(fields.get(4))[0]);
      fields.set(4, list([structOf(group.set(3, i64(count)))]));
    });
    await expect(copyParquet(lying.file, columns, rows, LIMITS, null)).rejects.toMatchObject({ code: 'corrupt_file' });
  }
});

test('refuses BSON by its name in a column that is not of bytes', async () => {
  const file = path.join(await makeFolder(), 'rows');
  const copy = (target: 'json' | 'bytea') => copyParquet(golden('bson'), [{ source: 'b', target }], file, LIMITS, null);
  await expect(copy('json')).rejects.toMatchObject({ code: 'unsupported_type', detail: expect.stringMatching(/BSON/) });
  expect(await copy('bytea')).toMatchObject({ rowCount: 1, withheldRows: 0 });
});

test('damage anywhere is a fault with a code, or harmless, and leaves nothing half made', async () => {
  const random = new Random(11);
  const codes = new Set<string>();
  for (const name of ['split-integers-v1-lz4-hadoop', 'split-integers-v2-gzip', 'logical-only-decimal']) {
    const good = await readFile(golden(name));
    const folder = await makeFolder();
    const file = path.join(folder, 'damaged.parquet');
    for (let round = 0; round < 150; round++) {
      const damaged = Buffer.from(good);
      for (let flips = random.integer(1, 4); flips > 0; flips--) {
        // The length of the footer is judged before.
        damaged[random.integer(4, good.length - 9)] = random.integer(0, 255);
      }
      await writeFile(file, damaged);
      const fault = await makeReadable(file, folder).then(
        () => null,
        (error: unknown) => error,
      );
      if (fault !== null) expect(fault).toBeInstanceOf(FormatFault);
      if (fault instanceof FormatFault) codes.add(fault.code);
      const left = await readdir(folder);
      expect(left.filter((entry) => /-.{8}-/.test(entry))).toEqual([]);
    }
  }
  expect(codes).toContain('corrupt_file');
  expect(
    [...codes].filter((code) => !/^(corrupt_file|encrypted_file|memory_limit|unsupported_\w+)$/.test(code)),
  ).toEqual([]);
}, 60_000);

test('a page that claims more than a page may take is refused before room is made for it', async () => {
  const { folder, file } = await withFooter('codec-lz4-hadoop', () => {});
  const bytes = await readFile(file);
  // The first page begins with its type and its size unpacked, both as zigzag numbers: 24 bytes become 2^31 - 1.
  const { fields, end } = readStruct(bytes, 4);
  const lie = structOf(new Map(fields).set(2, i32(2 ** 31 - 1))).bytes;
  const longer = Buffer.concat([bytes.subarray(0, 4), lie, bytes.subarray(end)]);
  await writeFile(file, longer);
  await expect(makeReadable(file, folder)).rejects.toMatchObject({ code: 'memory_limit' });
});
