import { expect, test } from 'vitest';
import { handOutBytes, WrittenBytes } from './written-bytes.ts';

const content = Uint8Array.from({ length: 100 }, (_, index) => index);
const bytesOf = async (blob: Blob | null) => blob && [...new Uint8Array(await blob.arrayBuffer())];

/** A sink in memory, and the page's half that asks for what is in it. */
function openWritten() {
  const memory: number[] = [];
  const written = new WrittenBytes();
  const sink = handOutBytes(written.port, {
    write: async (bytes) => void memory.push(...bytes),
    read: (from, size) => Uint8Array.from(memory.slice(from, from + size)),
    close: async () => {},
  });
  return { written, sink };
}

test('bytes come as soon as all of them are written, and no sooner', async () => {
  const { written, sink } = openWritten();
  let isThere = false;
  const reading = written.read(10, 30).then((blob) => {
    isThere = true;
    return blob;
  });
  await sink.write(content.subarray(0, 39));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isThere).toBe(false);
  await sink.write(content.subarray(39, 60));
  expect(await bytesOf(await reading)).toEqual([...content.subarray(10, 40)]);
  expect(await bytesOf(await written.read(0, 5))).toEqual([0, 1, 2, 3, 4]);
  written.end(null);
});

test('after the end they are read from the whole file; what was never written is null', async () => {
  const { written, sink } = openWritten();
  const reading = written.read(50, 50);
  await sink.write(content);
  await sink.close();
  const never = openWritten().written;
  const lost = never.read(0, 1);
  written.end(new Blob([content]));
  never.end(null);
  expect(await bytesOf(await reading)).toEqual([...content.subarray(50)]);
  expect(await bytesOf(await written.read(90, 10))).toEqual([...content.subarray(90)]);
  expect([await written.read(90, 11), await lost]).toEqual([null, null]);
});

test('the answer to a question nobody waits for is not taken for that to another', async () => {
  const { written, sink } = openWritten();
  await sink.write(content);
  void written.read(0, 10);
  // Its answer is on the way.
  await new Promise((resolve) => setImmediate(resolve));
  expect(await bytesOf(await written.read(10, 10))).toEqual([...content.subarray(10, 20)]);
  written.end(null);
});
