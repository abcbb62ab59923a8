import { expect, test } from 'vitest';
import { unpackHadoopLz4, unpackLz4 } from './lz4.ts';

const bytes = (...parts: (string | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

// Three letters, then nine more from three back, then five letters that end the block.
const REPEATS = bytes(0x35, 'abc', 3, 0, 0x50, 'final');
const REPEATED = 'abcabcabcabcfinal';

test('unpacks matches that reach into what they write, and lengths of several bytes', () => {
  expect(unpackLz4(REPEATS, 17).toString()).toBe(REPEATED);
  // A match of 4 + 15 + 255 + 2, twenty literals before it.
  const long = bytes(0xff, 5, 'x'.repeat(20), 1, 0, 255, 2, 0x50, 'final');
  expect(unpackLz4(long, 20 + 276 + 5).toString()).toBe(`${'x'.repeat(296)}final`);
  const copied = bytes(0x80, 'abcdefgh', 8, 0, 0x50, 'final');
  expect(unpackLz4(copied, 17).toString()).toBe('abcdefghabcdfinal');
});

test('refuses blocks that are cut off, reach too far or hold another number of bytes', () => {
  const isDamaged = expect.objectContaining({ code: 'corrupt_file' });
  const damaged: [Buffer, number][] = [
    ...Array.from({ length: REPEATS.length }, (_, end): [Buffer, number] => [REPEATS.subarray(0, end), 17]),
    [REPEATS, 16],
    [REPEATS, 18],
    [bytes(0x35, 'abc', 4, 0, 0x50, 'final'), 17],
    [bytes(0x35, 'abc', 0, 0, 0x50, 'final'), 17],
    [bytes(0xff, 255, 255), 600],
  ];
  for (const [block, size] of damaged) expect(() => unpackLz4(block, size)).toThrow(isDamaged);
});

test("unpacks Hadoop's frames, and blocks without any", () => {
  const sizes = (unpacked: number, packed: number) => bytes(0, 0, 0, unpacked, 0, 0, 0, packed);
  const frame = Buffer.concat([sizes(17, REPEATS.length), REPEATS]);
  expect(unpackHadoopLz4(frame, 17).toString()).toBe(REPEATED);
  expect(unpackHadoopLz4(Buffer.concat([frame, frame]), 34).toString()).toBe(REPEATED + REPEATED);
  // What the buffer of the writer did not take at once follows under the same first size.
  const twoBlocks = Buffer.concat([sizes(34, REPEATS.length), REPEATS, frame.subarray(4)]);
  expect(unpackHadoopLz4(twoBlocks, 34).toString()).toBe(REPEATED + REPEATED);
  expect(unpackHadoopLz4(REPEATS, 17).toString()).toBe(REPEATED);
  for (const wrong of [frame.subarray(0, -1), frame.subarray(1), Buffer.concat([frame, sizes(1, 0)])]) {
    expect(() => unpackHadoopLz4(wrong, 17)).toThrow(expect.objectContaining({ code: 'corrupt_file' }));
  }
});
