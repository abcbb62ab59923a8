import { expect, test, vi } from 'vitest';
import { checkFile, FileRefusal } from './check-file.ts';
import type { ChosenSample } from './prepare-file.ts';
import { type PrepareFile, UploadQueue } from './upload-queue.ts';

const csv = (name: string, text = 'id;nome\n1;Ana\n') => new File([text], name);
const sample: ChosenSample = { rowCount: 1, columns: [], rows: [], sheets: [] };
const asItIs: PrepareFile = async (file, _checked, on) => {
  on.sample(sample);
  return file;
};
const check = (file: File) => checkFile(file, null);
const steps = (queue: UploadQueue) => queue.items.map((item) => item.step);
const untilSteps = (queue: UploadQueue, expected: string[]) =>
  vi.waitFor(() => expect(steps(queue)).toEqual(expected), { interval: 5 });

test('sends one file after another and goes on after a failure', async () => {
  const queue = new UploadQueue(asItIs);
  await queue.add([csv('a.csv'), csv('b.csv'), csv('c.csv')], check);
  await untilSteps(queue, ['ready', 'ready', 'ready']);
  let atOnce = 0;
  const end = await queue.start('fornecedores', async ({ file }) => {
    atOnce += 1;
    expect(atOnce).toBe(1);
    await Promise.resolve();
    atOnce -= 1;
    if (file.name === 'b.csv') throw new FileRefusal('internal');
    return `job of ${file.name}`;
  });
  expect(end).toEqual({ jobIds: ['job of a.csv', 'job of c.csv'], isAllDone: false });
  expect(steps(queue)).toEqual(['done', 'failed', 'done']);
});

test('cancels the file on its way and the one that waits', async () => {
  const queue = new UploadQueue(asItIs);
  await queue.add([csv('a.csv'), csv('b.csv')], check);
  await untilSteps(queue, ['ready', 'ready']);
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const run = queue.start('fornecedores', (_item, _source, _on, signal) => {
    start();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await started;
  const [first, second] = queue.items;
  queue.cancel(second!.key);
  queue.cancel(first!.key);
  await run;
  expect(steps(queue)).toEqual(['cancelled', 'cancelled']);
  // The first was read to its end, the second has to be read again.
  queue.again(first!.key);
  queue.again(second!.key);
  await untilSteps(queue, ['ready', 'ready']);
});

test('a file that cannot be read fails before anything is sent, and is read again when asked', async () => {
  let tries = 0;
  const queue = new UploadQueue(async (file) => {
    tries += 1;
    if (tries === 1) throw new FileRefusal('malformed_csv');
    return file;
  });
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['failed']);
  queue.again(queue.items[0]!.key);
  await untilSteps(queue, ['ready']);
});

test('an import that is asked for while a file is still converted waits for it', async () => {
  const { promise: converted, resolve: finish } = Promise.withResolvers<Blob>();
  const queue = new UploadQueue((_file, _checked, on) => {
    on.sample(sample);
    return converted;
  });
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['ready']);
  const run = queue.start('fornecedores', async (_item, source) => `${source.size} bytes`);
  expect(steps(queue)).toEqual(['converting']);
  finish(new Blob(['abc']));
  expect(await run).toEqual({ jobIds: ['3 bytes'], isAllDone: true });
});

test('refuses at once what could never be loaded', async () => {
  const queue = new UploadQueue(asItIs);
  const png = new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0])], 'foto.csv');
  await queue.add(
    [csv('vazio.csv', ''), csv('grande.csv'), png, new File(['PK'], 'lista.xlsx'), new File(['x'], 'lista.ods')],
    (file) => checkFile(file, file.name === 'grande.csv' ? 5 : null),
  );
  expect(queue.items.map((item) => (item.error as FileRefusal).code)).toEqual([
    'empty_file',
    'file_too_large',
    'format_contradiction',
    'not_a_spreadsheet',
    'spreadsheet',
  ]);
  // Another figura takes more: the same file becomes ready.
  await queue.recheck((file) => checkFile(file, 1000));
  await vi.waitFor(() => expect(queue.items[1]?.step).toBe('ready'));
});

test('keeps what a person changed about a CSV', async () => {
  const queue = new UploadQueue(asItIs);
  await queue.add([csv('a.csv')], (file) => checkFile(file, null));
  expect(queue.items[0]?.checked?.csv?.delimiter).toBe(';');
  queue.changeReading(queue.items[0]!.key, { csv: { delimiter: '|' } });
  await queue.recheck((file) => checkFile(file, null));
  expect(queue.items[0]?.checked?.csv?.delimiter).toBe('|');
});
