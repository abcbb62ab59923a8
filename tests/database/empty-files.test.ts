import { expect, test } from 'vitest';
import type { FileFormat } from '#lib/job/job-states.ts';
import { createLoadHarness } from '../support/load-harness.ts';
import { convertedOf } from '../support/row-files.ts';

const none = { read: 0, inserted: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0 };

// Twenty jobs; some seconds alone.
const TIMEOUT_MS = 240_000;

test('a file without a row is a job that changes nothing', { timeout: TIMEOUT_MS }, async () => {
  const harness = await createLoadHarness();
  await harness.pool.query(`create table public.vazia (id int primary key, nome text not null);
    insert into public.vazia values (1, 'a'), (2, 'b')`);
  await harness.register('vazia', 'public.vazia');
  const files: [what: string, bytes: Uint8Array | string, format: FileFormat][] = [
    ['an empty list', '[]', 'json'],
    ['an empty list in Parquet', await convertedOf(Buffer.from('[]'), 'json'), 'parquet'],
    ['a header alone', 'id,nome\r\n', 'csv'],
    ['a header alone in Parquet', await convertedOf(Buffer.from('id;nome'), 'csv'), 'parquet'],
    ['a header of the key alone', 'id', 'csv'],
  ];
  for (const [what, bytes, format] of files) {
    for (const mode of ['merge', 'append'] as const) {
      const { status, result, error, rows } = await harness.load('vazia', { bytes, format }, { mode });
      expect([what, status, result, error, rows]).toEqual([what, 'complete', 'success', null, none]);
    }
    // As a snapshot it says that everything is to go, which the guard is there for.
    const snapshot = await harness.load('vazia', { bytes, format }, { mode: 'snapshot' });
    expect([what, snapshot.status, snapshot.error]).toEqual([what, 'error', 'delete_guard']);
  }
  const mapped = await harness.load('vazia', { bytes: '[]', format: 'json' }, { mapping: { codigo: 'id' } });
  expect([mapped.status, mapped.rows]).toEqual(['complete', none]);
  expect((await harness.pool.query('select count(*)::int as n from public.vazia')).rows).toEqual([{ n: 2 }]);

  // Rows without the key are another matter, and so are bytes that were lost.
  expect((await harness.load('vazia', { bytes: '[{}]', format: 'json' })).error).toBe('missing_key_column');
  expect((await harness.load('vazia', { bytes: 'nome\n', format: 'csv' })).error).toBe('missing_key_column');
  await harness.pool.query('truncate public.vazia');
  const emptied = await harness.load('vazia', { bytes: '[]', format: 'json' }, { mode: 'snapshot' });
  expect([emptied.status, emptied.rows]).toEqual(['complete', none]);
});
