import { expect, test, vi } from 'vitest';
import { checkFile, FileRefusal } from './check-file.ts';
import { planKeyOf } from './check-rows.ts';
import type { InterruptedUpload } from './interrupted-uploads.ts';
import type { ChosenSample } from './prepare-file.ts';
import type { QueueParts, SendOne, UploadItem } from './upload-item.ts';
import { UploadQueue } from './upload-queue.ts';

const csv = (name: string, text = 'id;nome\n1;Ana\n') => new File([text], name);
const sample: ChosenSample = { rowCount: null, columns: [], rows: [], csv: null, sheets: [] };
const options = () => ({ mode: 'merge' as const, onError: 'skip' as const });

/** A queue whose files go as they are, and what it kept for after a reload. */
function openQueue(parts: Partial<QueueParts> = {}) {
  const kept = new Map<string, InterruptedUpload>();
  const abandoned: string[] = [];
  const queue = new UploadQueue({
    async prepare(file, _checked, _options, on) {
      on.sample(sample);
      return { source: file, isKept: true, rowCount: 1, report: null };
    },
    checkRows: async () => null,
    checkFor: () => null,
    hold: () => () => {},
    keep: (upload) => kept.set(upload.id, upload),
    forget: (id) => kept.delete(id),
    dropFile: () => {},
    sendAhead: () => null,
    abandon: (_figura, uploadId) => abandoned.push(uploadId),
    ...parts,
  });
  return { queue, kept, abandoned };
}

const start = (queue: UploadQueue, send: SendOne) => {
  queue.ask('fornecedores', options);
  return queue.run(send);
};
/** Sends nothing, until it is stopped. */
const hang =
  (begun: () => void): SendOne =>
  (_item, _source, on, signal) => {
    on.begun('up-1');
    begun();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };

const check = (file: File) => checkFile(file, null);
const steps = (queue: UploadQueue) => queue.items.map((item) => item.step);
const untilSteps = (queue: UploadQueue, expected: string[]) =>
  vi.waitFor(() => expect(steps(queue)).toEqual(expected), { interval: 5, timeout: 30_000 });

test('sends one file after another and goes on after a failure', async () => {
  const { queue } = openQueue();
  await queue.add([csv('a.csv'), csv('b.csv'), csv('c.csv')], check);
  await untilSteps(queue, ['ready', 'ready', 'ready']);
  let atOnce = 0;
  const end = await start(queue, async ({ name }) => {
    atOnce += 1;
    expect(atOnce).toBe(1);
    await Promise.resolve();
    atOnce -= 1;
    if (name === 'b.csv') throw new FileRefusal('internal');
    return `job of ${name}`;
  });
  expect(end).toEqual({ jobIds: ['job of a.csv', 'job of c.csv'], isAllDone: false });
  expect(steps(queue)).toEqual(['done', 'failed', 'done']);
});

test('a simulation leaves the file ready; it is imported from where it lies', async () => {
  const { queue, kept, abandoned } = openQueue();
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['ready']);
  const found: (string | null)[] = [];
  const send: SendOne = async (item, _source, on) => {
    found.push(item.sentUrl);
    on.begun('up-1');
    on.sent('s3://bucket/a');
    return `job ${found.length}`;
  };
  queue.ask('fornecedores', () => ({ ...options(), dryRun: true }));
  expect(await queue.run(send)).toEqual({ jobIds: [], isAllDone: false });
  const simulation = { jobId: 'job 1', options: { ...options(), dryRun: true } };
  expect(queue.items[0]).toMatchObject({ step: 'ready', simulation, sentUrl: 's3://bucket/a' });
  expect(kept.size).toBe(0);
  expect(await start(queue, send)).toEqual({ jobIds: ['job 2'], isAllDone: true });
  expect(found).toEqual([null, 's3://bucket/a']);
  queue.remove(queue.items[0]!.key);
  expect(abandoned).toEqual([]);
});

test('what was simulated for one figura is sent anew for another; what is read anew was not simulated', async () => {
  const { queue } = openQueue();
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['ready']);
  const simulate = async (figura: string) => {
    queue.ask(figura, () => ({ ...options(), dryRun: true }));
    let before: string | null = '';
    await queue.run(async ({ sentUrl }, _source, on) => {
      before = sentUrl;
      on.sent('s3://bucket/a');
      return 'job';
    });
    return before;
  };
  expect([await simulate('fornecedores'), await simulate('fornecedores'), await simulate('clientes')]).toEqual([
    null,
    's3://bucket/a',
    null,
  ]);
  queue.changeReading(queue.items[0]!.key, { csv: { delimiter: ',' } });
  expect(queue.items[0]).toMatchObject({ step: 'reading', simulation: null, sentUrl: null });
});

test('cancels the file on its way and the one that waits; what was sent is removed', async () => {
  const { queue, kept, abandoned } = openQueue();
  await queue.add([csv('a.csv'), csv('b.csv')], check);
  await untilSteps(queue, ['ready', 'ready']);
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const run = start(queue, hang(begin));
  await begun;
  const [first, second] = queue.items as [UploadItem, UploadItem];
  queue.cancel(second.key);
  queue.cancel(first.key);
  await run;
  expect(steps(queue)).toEqual(['cancelled', 'cancelled']);
  expect(abandoned).toEqual(['up-1']);
  expect(kept.size).toBe(0);
  // Both were read to their ends.
  queue.again(first.key);
  queue.again(second.key);
  expect(steps(queue)).toEqual(['ready', 'ready']);
});

test('a pause keeps what was sent; the next file goes on, and so does the paused one later', async () => {
  const { queue, kept, abandoned } = openQueue();
  await queue.add([csv('a.csv'), csv('b.csv')], check);
  await untilSteps(queue, ['ready', 'ready']);
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const hanging = hang(begin);
  const run = start(queue, (item, ...rest) => (item.name === 'a.csv' ? hanging(item, ...rest) : Promise.resolve('b')));
  await begun;
  const { key, id } = queue.items[0] as UploadItem;
  queue.pause(key);
  expect(await run).toEqual({ jobIds: ['b'], isAllDone: false });
  expect(steps(queue)).toEqual(['paused', 'done']);
  expect(kept.get(id)).toMatchObject({ uploadId: 'up-1', figura: 'fornecedores', isKept: true });
  queue.resume(key);
  const sent: (string | null)[] = [];
  await queue.run(async ({ uploadId }) => {
    sent.push(uploadId);
    return 'a';
  });
  expect(sent).toEqual(['up-1']);
  expect(steps(queue)).toEqual(['done', 'done']);
  expect([kept.size, abandoned]).toEqual([0, []]);
});

test('goes on with an upload of before a reload, with the options of then', async () => {
  const { queue, kept } = openQueue();
  const upload: InterruptedUpload = {
    ...{ id: 'kept', name: 'a.csv', size: 7, lastModified: 1, figura: 'fornecedores', format: 'csv', isKept: true },
    ...{ uploadId: 'up-1', options: { mode: 'append', onError: 'abort' }, at: 1 },
  };
  kept.set(upload.id, upload);
  queue.addInterrupted(upload, new Blob(['parquet']));
  const end = await queue.run(async ({ uploadId, options, figura }, source) => {
    expect({ uploadId, options, figura }).toEqual({
      uploadId: 'up-1',
      options: upload.options,
      figura: 'fornecedores',
    });
    return await source.text();
  });
  expect(end).toEqual({ jobIds: ['parquet'], isAllDone: true });
  expect(kept.size).toBe(0);
});

test('a file that cannot be read fails before anything is sent, and is read again when asked', async () => {
  let tries = 0;
  const { queue } = openQueue({
    async prepare(file) {
      tries += 1;
      if (tries === 1) throw new FileRefusal('malformed_csv');
      return { source: file, isKept: false, rowCount: 1, report: null };
    },
  });
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['failed']);
  queue.again(queue.items[0]!.key);
  await untilSteps(queue, ['ready']);
});

/** A queue whose files have a part sent ahead at once; `upload` is how the uploads are called, in their order. */
function openAhead(parts: Partial<QueueParts> = {}) {
  let count = 0;
  const ends: string[] = [];
  const opened = openQueue({
    sendAhead(_item, _bytes, on) {
      const uploadId = `up-${++count}`;
      on.begun('fornecedores', uploadId);
      on.sent(16);
      return {
        stop: () => ends.push(`${uploadId} stopped`),
        finish: async () => void ends.push(`${uploadId} finished`),
      };
    },
    ...parts,
  });
  return { ...opened, ends };
}

test('what was sent ahead is gone on with once the file is asked for, and not before', async () => {
  const { queue, kept, abandoned, ends } = openAhead();
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['ready']);
  const [{ id, uploadId }] = queue.items as [UploadItem];
  expect(queue.items[0]).toMatchObject({ uploadId, figura: 'fornecedores', aheadBytes: 16 });
  // Not to be offered after a reload, but to be removed then.
  expect(kept.get(id)).toMatchObject({ uploadId, isKept: false });
  const end = await start(queue, async (item) => {
    expect(ends.at(-1)).toBe(`${uploadId} finished`);
    expect(kept.get(id)).toMatchObject({ uploadId, isKept: true, options: options() });
    return `job of ${item.uploadId}`;
  });
  expect(end.jobIds).toEqual([`job of ${uploadId}`]);
  expect([kept.size, abandoned]).toEqual([0, []]);
});

test.each<[string, (queue: UploadQueue, key: number) => unknown]>([
  ['is read in another way', (queue, key) => queue.changeReading(key, { csv: { delimiter: ',' } })],
  ['goes to another figura', (queue) => queue.recheck(check)],
  ['is refused there', (queue) => queue.recheck((file) => checkFile(file, 1))],
  ['is taken off the list', (queue, key) => queue.remove(key)],
  ['is cancelled', (queue, key) => queue.cancel(key)],
  ['is left with the page', (queue) => queue.close()],
])('what was sent ahead of a file is removed at once when it %s', async (_what, act) => {
  const { queue, kept, abandoned, ends } = openAhead();
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['ready']);
  const [{ id, key, uploadId }] = queue.items as [UploadItem];
  await act(queue, key);
  expect(abandoned).toEqual([uploadId]);
  expect(ends).toContain(`${uploadId} stopped`);
  expect(kept.get(id)?.uploadId).not.toBe(uploadId);
});

test('what was sent ahead is removed where the file did not fit on the disk and was written anew', async () => {
  const { queue, abandoned } = openAhead({
    prepare: async (file) => ({ source: file, isKept: false, rowCount: 1, report: null }),
  });
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['ready']);
  expect(abandoned).toHaveLength(1);
  expect(queue.items[0]).toMatchObject({ uploadId: null, aheadBytes: 0 });
});

test('rows are looked at again when columns go elsewhere, and only then', async () => {
  let mode: 'merge' | 'append' = 'merge';
  const figura = { columns: [], opColumn: 'op', mapping: {}, requiredColumns: [] };
  const looks: string[] = [];
  const { queue } = openQueue({
    checkFor: ({ choices }) => ({ figura, mode, choices, remembered: {}, columns: null }),
    async checkRows(_file, _checked, request) {
      looks.push(request.mode);
      const planKey = planKeyOf({ figura, mode: request.mode, targets: {} });
      return { planKey, rowCount: 1, faultyCount: 0, repeatedCount: 0, groups: [], rows: [], areKeysCompared: true };
    },
  });
  await queue.add([csv('a.csv')], check);
  await untilSteps(queue, ['ready']);
  const refresh = async () => {
    queue.refreshReports();
    await vi.waitFor(() => expect(queue.items[0]?.isRechecking).toBe(false), { interval: 5, timeout: 30_000 });
  };
  await refresh();
  await refresh();
  expect(looks).toEqual(['merge']);
  mode = 'append';
  await refresh();
  expect(looks).toEqual(['merge', 'append']);
});

test('refuses at once what could never be loaded', async () => {
  const { queue } = openQueue();
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
  await vi.waitFor(() => expect(queue.items[1]?.step).toBe('ready'), { timeout: 30_000 });
});

test('keeps what a person changed about a CSV', async () => {
  const { queue } = openQueue();
  await queue.add([csv('a.csv')], (file) => checkFile(file, null));
  expect(queue.items[0]?.checked?.csv?.delimiter).toBe(';');
  queue.changeReading(queue.items[0]!.key, { csv: { delimiter: '|' } });
  await queue.recheck((file) => checkFile(file, null));
  expect(queue.items[0]?.checked?.csv?.delimiter).toBe('|');
});
