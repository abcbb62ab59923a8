import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodePlainTexts } from './encode-plain-texts.ts';
import { ParquetTextWriter } from './parquet-writer.ts';
import { MemorySink, readParquet } from './testing/read-parquet.ts';

type Cells = (string | null)[][];

async function write(columns: string[], batches: Cells[], compression?: 'GZIP' | 'SNAPPY'): Promise<MemorySink> {
  const sink = new MemorySink();
  const writer = await ParquetTextWriter.open(sink, { columns, compression });
  for (const cells of batches) await writer.write(cells, cells[0]?.length ?? 0);
  await writer.close();
  return sink;
}

describe('ParquetTextWriter', () => {
  it('keeps columns of any name apart', async () => {
    const names = [
      'column_1',
      '__proto__',
      'toString',
      '1',
      '0',
      'a,b',
      'a.b',
      'c1',
      'c0',
      '"x"',
      "'",
      'é😀',
      ' ',
      '_carga',
    ];
    const cells = names.map((name, index) => [name, null, '', `v${index}`]);
    const read = await readParquet((await write(names, [cells])).bytes);
    expect(read.columns).toStrictEqual(names);
    expect(read.cells).toStrictEqual(cells);
  });

  it.each(['GZIP', 'SNAPPY'] as const)(
    'writes every pattern of nulls and texts in any batches (%s)',
    async (compression) => {
      const texts = ['', 'a', 'ção', '日本語', '😀', '\u0000', 'x'.repeat(300), `ã${'y'.repeat(70_000)}`];
      const column = Array.from({ length: 500 }, (_, row) => ((row * 7) % 11 < 4 ? null : (texts[row % 8] as string)));
      const cells = [column, column.toReversed(), column.map(() => null), column.map(() => 'same')];
      const batches = [0, 1, 2, 9, 100].map((from, index, all) =>
        cells.map((texts) => texts.slice(from, all[index + 1])),
      );
      const { bytes } = await write(['a', 'b', 'n', 's'], batches, compression);
      expect((await readParquet(bytes)).cells).toStrictEqual(cells);
    },
  );

  it('ends a group by rows, by characters and by cells, and writes it at once', async () => {
    const rows = Array.from({ length: 45_001 }, (_, row) => `${row}`);
    const sink = await write(['a'], [[rows]]);
    expect((await readParquet(sink.bytes)).cells).toStrictEqual([rows]);
    // Magic, three groups, footer.
    expect(sink.chunks).toHaveLength(5);
    const long = ['x'.repeat(17 << 20), 'y'];
    expect(
      (
        await write(
          ['a'],
          long.map((text) => [[text]]),
        )
      ).chunks,
    ).toHaveLength(4);
    const names = Array.from({ length: 3000 }, (_, index) => `c${index}`);
    const wide = names.map((name) => Array.from({ length: 700 }, () => name));
    expect((await write(names, [wide])).chunks).toHaveLength(4);
  });

  it('writes files without rows', async () => {
    expect(await readParquet((await write(['a', 'b'], [])).bytes)).toMatchObject({
      columns: ['a', 'b'],
      cells: [[], []],
    });
  });

  it('has its pages compressed elsewhere while the next group is gathered, and writes the same file', async () => {
    const cells = [
      Array.from({ length: 50_001 }, (_, row) => (row % 3 === 0 ? null : `${row}`)),
      new Array(50_001).fill('x'),
    ];
    const sink = new MemorySink();
    const writer = await ParquetTextWriter.open(sink, {
      columns: ['a', 'b'],
      async gzipElsewhere(page) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return gzipSync(structuredClone(page, { transfer: [page.buffer] }));
      },
    });
    await writer.write(cells, 50_001);
    await writer.close();
    expect((await readParquet(sink.bytes)).cells).toStrictEqual(cells);
    expect(sink.bytes.length).toBe((await write(['a', 'b'], [cells])).bytes.length);
  });

  it('says at the next group or at the end that pages could not be compressed', async () => {
    const gzipElsewhere = () => Promise.reject(new Error('no thread'));
    const writer = await ParquetTextWriter.open(new MemorySink(), { columns: ['a'], gzipElsewhere });
    await writer.write([['x']], 1);
    await expect(writer.close()).rejects.toThrow('no thread');
  });

  it('leaves the last column out when it turns out not to be needed', async () => {
    const sink = new MemorySink();
    const writer = await ParquetTextWriter.open(sink, { columns: ['a', 'b'] });
    for (let group = 0; group < 3; group++)
      await writer.write([new Array(20_000).fill('x'), new Array(20_000).fill(null)], 20_000);
    await writer.close({ withoutLastColumn: true });
    const { columns, cells } = await readParquet(sink.bytes);
    expect([columns, cells.length, cells[0]?.length]).toStrictEqual([['a'], 1, 60_000]);
  });

  it('waits for the sink and passes its failure on', async () => {
    let isWaiting = false;
    const sink = {
      async write() {
        expect(isWaiting).toBe(false);
        isWaiting = true;
        await new Promise((resolve) => setTimeout(resolve, 1));
        isWaiting = false;
      },
      close: () => Promise.reject(new Error('disk full')),
    };
    const writer = await ParquetTextWriter.open(sink, { columns: ['a'] });
    await writer.write([['x']], 1);
    await expect(writer.close()).rejects.toThrow('disk full');
  });
});

it('encodes texts as the platform does', () => {
  const texts = [
    '',
    'abc',
    'é',
    '€',
    '\uffff',
    '😀',
    '\ud800',
    'a\udc00b',
    'ã'.repeat(1000),
    `${'z'.repeat(255)}é`,
    `${'z'.repeat(256)}😀`,
  ];
  const expected = texts.flatMap((text) => {
    const utf8 = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(utf8.length);
    return [length, utf8];
  });
  expect(Buffer.from(encodePlainTexts(texts))).toStrictEqual(Buffer.concat(expected));
});
