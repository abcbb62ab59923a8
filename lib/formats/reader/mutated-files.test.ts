import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { Random } from '#tests/support/random.ts';
import type { FileFormat } from './protocol.ts';
import { makeFolder } from './reader-test-kit.ts';

// Files that were changed at random are refused with a code or read: 200, or as many as FUZZ_FILES says. One that
// brings DuckDB down is refused as well: the product reads each file in a process of its own, see reader-process.ts.

const COUNT = Number(process.env.FUZZ_FILES ?? 200);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const PATIENCE_MS = 60_000;

/**
 * `sealed` is what no changed value gets through: its blocks carry a checksum. Pages of Parquet may, but DuckDB looks
 * neither at theirs nor at GZIP's, and levels of version 2 stand before what is packed.
 */
const FILES: { name: string; sealed?: true }[] = [
  { name: 'codec-gzip-v2.parquet' },
  { name: 'split-integers-v2-gzip.parquet' },
  { name: 'split-integers-v1-lz4-hadoop.parquet' },
  { name: 'nested.parquet' },
  { name: 'encodings-by-hand-v1.parquet' },
  { name: 'int96-nanos-v1-snappy.parquet' },
  { name: 'times-outside-inside.parquet' },
  { name: 'codec-snappy.avro', sealed: true },
  { name: 'codec-deflate.avro' },
  { name: 'codec-null.avro' },
  { name: 'bom-quoted-newline.csv' },
  { name: 'semicolon-1252.csv' },
  { name: 'lines.ndjson' },
  { name: 'nested.json' },
];

/** A few changes of a kind each: a bit, a byte, a run of bytes gone, twice or overwritten, the end cut off. */
function mutate(good: Buffer, random: Random, from: number): Buffer {
  let bytes = Buffer.from(good);
  for (let changes = random.integer(1, 4); changes > 0; changes--) {
    const at = random.integer(from, Math.max(from, bytes.length - 1));
    const end = Math.min(bytes.length, at + random.integer(1, 16));
    const kind = random.integer(0, 5);
    if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    else if (kind === 1) bytes[at] = random.pick([0, 1, 127, 128, 255, random.integer(0, 255)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    else if (kind === 4) bytes.fill(random.integer(0, 255), at, end);
    else if (random.chance(0.2)) bytes = bytes.subarray(0, at);
  }
  return bytes;
}

/** Reads files one after the other, and goes on after a crash. */
class BatchReader {
  #child: ChildProcess | null = null;
  #lines: AsyncIterator<string> | null = null;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(file: { path: string; format: FileFormat }): Promise<string> {
    const child = this.#child ?? this.#start();
    child.stdin?.write(`${JSON.stringify(file)}\n`);
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const line = await this.#lines?.next();
    clearTimeout(timer);
    if (line?.done === false) return JSON.parse(line.value) as string;
    this.#child = null;
    return child.signalCode === 'SIGKILL' ? 'hang' : 'crash';
  }

  #start(): ChildProcess {
    const entry = path.join('tests', 'support', 'read-batch.ts');
    const child = spawn(process.execPath, [entry], {
      env: { TZ: 'UTC', NODE_ENV: 'test', TMPDIR: this.#folder },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin?.on('error', () => {});
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    return child;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return;
    child.stdin?.end();
    await once(child, 'exit');
  }
}

test(
  'files that were changed at random are refused with a code, or read whole',
  async () => {
    const random = new Random(SEED);
    const folder = await makeFolder();
    const reader = new BatchReader(folder);
    onTestFinished(() => reader.stop());
    const goods: { name: string; isSealed: boolean; format: FileFormat; bytes: Buffer; expected: string }[] = [];
    for (const { name, sealed } of FILES) {
      const good = path.resolve('tests', 'fixtures', 'golden', name);
      const format = path.extname(name).slice(1) as FileFormat;
      const expected = await reader.read({ path: good, format });
      expect(expected).toMatch(/^read /);
      goods.push({ name, isSealed: sealed === true, format, bytes: await readFile(good), expected });
    }
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    for (let number = 0; number < COUNT; number++) {
      const { name, isSealed, format, bytes, expected } = goods[number % goods.length] as (typeof goods)[number];
      const file = path.join(folder, `${number}.${format}`);
      // The schema of an Avro file, which ends in the mark that ends its blocks, carries no checksum.
      const from = isSealed ? bytes.indexOf(bytes.subarray(-16)) + 16 : 0;
      await writeFile(file, mutate(bytes, random, from));
      const found = await reader.read({ path: file, format });
      const [, columns, rows] = expected.split(' ');
      // Under the same columns, rows of a sealed file are the ones that were sealed.
      const isOther = isSealed && found.startsWith(`read ${columns} `) && found !== `read ${columns} ${rows}`;
      const kind = isOther ? 'other rows' : found.replace(/^read .*/, 'read').replace(/^broken.*/s, 'broken');
      counts.set(`${format} ${kind}`, (counts.get(`${format} ${kind}`) ?? 0) + 1);
      if (isOther || /^(broken|hang)/.test(found)) wrong.push(`${number} ${name}: ${isOther ? 'other rows' : found}`);
    }
    if (COUNT > 1000)
      console.log(
        [...counts]
          .sort()
          .map(([kind, count]) => `${kind}: ${count}`)
          .join('\n'),
      );
    expect(wrong).toEqual([]);
  },
  Math.max(120_000, COUNT * 1000),
);
