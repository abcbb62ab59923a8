// What a job keeps of itself for whoever looks at it later.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLoadHarness } from '../support/load-harness.ts';

const harness = await createLoadHarness();
const { pool } = harness;
await pool.query('create table public.pessoas (id int primary key, nome text not null, idade smallint)');
await harness.register('pessoas', 'public.pessoas');

test('a job keeps how its file was written and counts the faults of its rows by code and column', async () => {
  const bytes = 'id;nome;idade\n1;Ana;x\n2;;7\n3;;y\n4;Zé;8\n4;Zoé;9\n';
  const { id } = await harness.load('pessoas', { bytes, format: 'csv' });
  const job = await pool.query('select row_faults from carga.jobs where id = $1', [id]);
  expect(job.rows[0].row_faults).toEqual([
    { code: 'invalid_value', column: 'idade', count: 2 },
    { code: 'not_null', column: 'nome', count: 2 },
  ]);
  const described = await pool.query(`select data from carga.job_events where job_id = $1 and code = 'described'`, [
    id,
  ]);
  expect(described.rows).toMatchObject([{ data: { writtenAs: 'csv', csv: { delimiter: ';', encoding: 'utf-8' } } }]);
});

test('an attempt that takes seconds keeps samples of its progress, one that takes none keeps none', async () => {
  const file = { bytes: '{"id":7,"nome":"Rui"}\n{"id":8,"nome":"Eva"}\n', format: 'ndjson' } as const;
  const begun = Date.now();
  const slow = await harness.load(
    'pessoas',
    file,
    {},
    { atStep: (step) => (step === 'staged' ? sleep(2600) : undefined) },
  );
  const tookSeconds = (Date.now() - begun) / 1000;
  const samples = await pool.query(
    'select attempt, elapsed_ms, phase, rows_read from carga.job_samples where job_id = $1 order by elapsed_ms',
    [slow.id],
  );
  expect(samples.rows.length).toBeGreaterThanOrEqual(2);
  // One a second at most, and one more where a phase begins.
  expect(samples.rows.length).toBeLessThanOrEqual(tookSeconds + 4);
  expect(samples.rows).toContainEqual(expect.objectContaining({ attempt: 1, phase: 'staging', rows_read: 2 }));
  const clean = await pool.query('select row_faults from carga.jobs where id = $1', [slow.id]);
  expect(clean.rows).toEqual([{ row_faults: null }]);
});
