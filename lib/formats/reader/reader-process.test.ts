import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeFile, openCopyRows, readRowsAgain, type SourceFile, startReaderAhead } from './reader.ts';
import { makeFolder, parseCopy, readCopy, writeParquet, writeWanted } from './reader-test-kit.ts';

// Whoever dies, nobody waits for the dead and nothing of theirs stays behind.

const COLUMNS = [{ source: 's', target: 'text' as const }];

let file: SourceFile;
let sharedFolder: string;

beforeAll(async () => {
  sharedFolder = await mkdtemp(path.join(tmpdir(), 'carga-big-'));
  file = { path: path.join(sharedFolder, 'big.parquet'), format: 'parquet' };
  // Some 200 MB of rows: far more than any buffer on their way.
  await writeParquet(file.path, "SELECT repeat('x', 200) || i AS s FROM range(1000000) t(i)", "CODEC 'zstd'");
});

afterAll(() => rm(sharedFolder, { recursive: true, force: true }));

async function makeOptions(): Promise<{ folder: string; options: { tempDirectory: string } }> {
  const folder = await makeFolder();
  return { folder, options: { tempDirectory: folder } };
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const isReader = readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('reader/main.ts');
        return isReader && Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    })
    .map(Number);
}

function isAlive(pid: number): boolean {
  try {
    // A zombie is dead, only not yet buried.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

/** A process ends in a moment, or some later where there are many. */
const PATIENCE = { timeout: 60_000 };

const pipesIn = async (folder: string) => (await readdir(folder)).filter((name) => name.endsWith('.pipe'));

test('a reader killed in the middle fails the stream and leaves no pipe', async () => {
  const { folder, options } = await makeOptions();
  const rows = openCopyRows(file, COLUMNS, options);
  let bytes = 0;
  const reading = (async () => {
    for await (const chunk of rows.stream) {
      if (bytes === 0) for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
      bytes += (chunk as Buffer).length;
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'reader_failed' });
  await expect(rows.done).rejects.toMatchObject({ code: 'reader_failed' });
  expect(bytes).toBeLessThan(200_000_000);
  await vi.waitFor(async () => expect(await pipesIn(folder)).toEqual([]), PATIENCE);
});

test('kill, an aborted signal and a stream nobody reads any more end the reader at once', async () => {
  const { folder, options } = await makeOptions();
  const controller = new AbortController();
  const killed = openCopyRows(file, COLUMNS, options);
  const aborted = openCopyRows(file, COLUMNS, { ...options, signal: controller.signal });
  const left = openCopyRows(file, COLUMNS, options);
  await Promise.all(
    [killed, aborted, left].map(({ stream }) => new Promise((resolve) => stream.once('readable', resolve))),
  );
  expect(childrenOf(process.pid)).toHaveLength(3);
  killed.kill();
  controller.abort(new Error('enough'));
  left.stream.destroy();
  await expect(killed.done).rejects.toThrow('The reader was stopped.');
  await expect(aborted.done).rejects.toThrow('enough');
  await expect(left.done).rejects.toThrow('no longer read');
  await vi.waitFor(() => expect(childrenOf(process.pid).filter(isAlive)).toEqual([]), PATIENCE);
  expect(await pipesIn(folder)).toEqual([]);
});

test('a reader ends with its parent, however that dies', async () => {
  const { folder } = await makeOptions();
  const script = path.join(folder, 'parent.ts');
  const reader = path.resolve('lib/formats/reader/reader.ts');
  await writeFile(
    script,
    `import { openCopyRows, restoreFile } from ${JSON.stringify(reader)};
    const options = { tempDirectory: ${JSON.stringify(folder)}, projectRoot: ${JSON.stringify(process.cwd())} };
    void restoreFile(${JSON.stringify(file)}, 'ndjson', ${JSON.stringify(path.join(folder, 'restored'))}, options);
    for (const isRead of [true, false]) {
      const rows = openCopyRows(${JSON.stringify(file)}, ${JSON.stringify(COLUMNS)}, options);
      if (isRead) rows.stream.once('readable', () => console.log('reading'));
    }`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  const children = await vi.waitFor(() => {
    const found = childrenOf(parent.pid as number);
    expect(found).toHaveLength(3);
    return found;
  }, PATIENCE);
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]), PATIENCE);
  // Also the one that has no pipe to break: it would go on to write its file.
  expect((await readdir(folder)).toSorted()).toEqual(['parent.ts']);
});

test('a reader that cannot begin fails the stream instead of leaving it open', async () => {
  const { folder, options } = await makeOptions();
  const nowhere = openCopyRows(file, COLUMNS, { ...options, projectRoot: folder });
  await expect(nowhere.done).rejects.toMatchObject({ code: 'reader_failed' });
  expect(nowhere.stream.destroyed).toBe(true);
  const absent = readCopy({ ...file, path: path.join(folder, 'absent.parquet') }, COLUMNS, options);
  await expect(absent).rejects.toMatchObject({ code: 'file_unreadable' });
  expect(await pipesIn(folder)).toEqual([]);
});

test('a reader that takes more memory than allowed is ended', async () => {
  const { folder, options } = await makeOptions();
  const text: SourceFile = { path: path.join(folder, 'a.csv'), format: 'csv' };
  await writeFile(text.path, `s\n${'x'.repeat(100)}\n`.repeat(200_000));
  const rows = readCopy(text, COLUMNS, { ...options, memoryLimitBytes: 48 << 20 });
  await expect(rows).rejects.toMatchObject({ code: 'memory_limit' });
});

test('rows read again come in the order of the file, cells only where they are judged, and a kill ends the reader', async () => {
  const { folder, options } = await makeOptions();
  const rowNumbers = Array.from({ length: 3000 }, (_, index) => index * 300 + 1);
  const wanted = path.join(folder, 'wanted');
  await writeWanted(wanted, rowNumbers, (row) => row <= 1201);
  const reading = readRowsAgain(file, COLUMNS, wanted, path.join(folder, 'again'), options);
  await reading.done;
  const rows = parseCopy(await readFile(reading.path, 'utf8'));
  expect(rows.map(([row]) => Number(row))).toEqual(rowNumbers);
  expect(rows.filter(([, , cells]) => cells !== null)).toHaveLength(5);
  expect(JSON.parse(String(rows[4]?.[2]))[0]).toBe(`${'x'.repeat(200)}1200`);
  const stopped = readRowsAgain(file, COLUMNS, wanted, path.join(folder, 'stopped'), options);
  stopped.kill();
  await expect(stopped.done).rejects.toThrow('no longer wanted');
  await vi.waitFor(() => expect(childrenOf(process.pid).filter(isAlive)).toEqual([]), PATIENCE);
});

test('one process that was started ahead describes the file and reads its rows; the next reading has its own', async () => {
  const { options } = await makeOptions();
  const ahead = startReaderAhead('parquet', options);
  const [first] = childrenOf(process.pid);
  expect((await describeFile(file, { ...options, ahead })).rowCount).toBe(1_000_000);
  expect(childrenOf(process.pid).filter(isAlive)).toEqual([first]);
  const rows = openCopyRows(file, COLUMNS, { ...options, ahead });
  const again = openCopyRows(file, COLUMNS, { ...options, ahead });
  await Promise.all([rows, again].map(({ stream }) => new Promise((resolve) => stream.once('readable', resolve))));
  const children = childrenOf(process.pid).filter(isAlive);
  expect(children).toHaveLength(2);
  expect(children).toContain(first);
  // What has its last request is not ended by who started it.
  ahead.end();
  expect(rows.stream.destroyed).toBe(false);
  rows.kill();
  again.kill();
  await vi.waitFor(() => expect(childrenOf(process.pid).filter(isAlive)).toEqual([]), PATIENCE);
});

test('a reader started ahead ends when it is not needed, and a file at fault is at fault there too', async () => {
  const { options } = await makeOptions();
  startReaderAhead('parquet', options).end();
  const ahead = startReaderAhead('csv', options);
  const absent = { path: path.join(options.tempDirectory, 'absent'), format: 'csv' as const };
  await expect(describeFile(absent, { ...options, ahead })).rejects.toMatchObject({ code: 'file_unreadable' });
  await vi.waitFor(() => expect(childrenOf(process.pid).filter(isAlive)).toEqual([]), PATIENCE);
});
