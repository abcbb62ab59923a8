import { expect, test } from 'vitest';
import { checkFile, FileRefusal } from './check-file.ts';
import { UploadQueue } from './upload-queue.ts';

const csv = (name: string, text = 'id;nome\n1;Ana\n') => new File([text], name);
const choices = { figura: 'fornecedores', onError: 'skip' } as const;

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('sends one file after another and goes on after a failure', async () => {
  const queue = new UploadQueue();
  await queue.add([csv('a.csv'), csv('b.csv'), csv('c.csv')], (file) => checkFile(file, null));
  let atOnce = 0;
  const end = await queue.start(choices, async ({ file }) => {
    atOnce += 1;
    expect(atOnce).toBe(1);
    await Promise.resolve();
    atOnce -= 1;
    if (file.name === 'b.csv') throw new FileRefusal('internal');
    return `job of ${file.name}`;
  });
  expect(end).toEqual({ jobIds: ['job of a.csv', 'job of c.csv'], isAllDone: false });
  expect(queue.items.map((item) => item.step)).toEqual(['done', 'failed', 'done']);
});

test('cancels the file on its way and the one that waits', async () => {
  const queue = new UploadQueue();
  await queue.add([csv('a.csv'), csv('b.csv')], (file) => checkFile(file, null));
  const started = gate();
  const run = queue.start(choices, (_item, _choices, _report, signal) => {
    started.open();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  await started.opened;
  const [first, second] = queue.items;
  queue.cancel(second!.key);
  queue.cancel(first!.key);
  await run;
  expect(queue.items.map((item) => item.step)).toEqual(['cancelled', 'cancelled']);
  queue.again(first!.key);
  expect(queue.items[0]?.step).toBe('ready');
});

test('refuses at once what could never be loaded', async () => {
  const queue = new UploadQueue();
  const png = new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0])], 'foto.csv');
  await queue.add([csv('vazio.csv', ''), csv('grande.csv'), png, new File(['PK'], 'lista.xlsx')], (file) =>
    checkFile(file, file.name === 'grande.csv' ? 5 : null),
  );
  expect(queue.items.map((item) => (item.error as FileRefusal).code)).toEqual([
    'empty_file',
    'file_too_large',
    'format_contradiction',
    'spreadsheet',
  ]);
  // Another figura takes more: the same file becomes ready.
  await queue.recheck((file) => checkFile(file, 1000));
  expect(queue.items[1]?.step).toBe('ready');
});

test('keeps what a person changed about a CSV', async () => {
  const queue = new UploadQueue();
  await queue.add([csv('a.csv')], (file) => checkFile(file, null));
  expect(queue.items[0]?.checked?.csv?.delimiter).toBe(';');
  queue.changeCsv(queue.items[0]!.key, { delimiter: '|' });
  await queue.recheck((file) => checkFile(file, null));
  expect(queue.items[0]?.checked?.csv?.delimiter).toBe('|');
});
