import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLoadHarness } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';

// Longer than any of the limits below.
const PAUSE_MS = 700;

test.each(postgresVersions)(
  'limits that an administrator set for idle and long sessions end no load, on PostgreSQL %i',
  async (version) => {
    const harness = await createLoadHarness(version);
    await harness.pool.query('create table public.calma (id int primary key)');
    await harness.register('calma', 'public.calma');
    const name = new URL(harness.databaseUrl).pathname.slice(1);
    const limits = ['lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout'];
    for (const limit of version >= 17 ? [...limits, 'transaction_timeout'] : limits)
      await harness.pool.query(`alter database ${name} set ${limit} = '500ms'`);
    const bytes = Array.from({ length: 100 }, (_row, id) => `{"id":${id}}`).join('\n');
    const slow = new Set(['fetched', 'staged', 'merging', 'before_commit']);
    const atStep = async (step: string) => {
      if (slow.has(step)) await sleep(PAUSE_MS);
    };
    const { status, error, rows } = await harness.load('calma', { bytes, format: 'ndjson' }, {}, { atStep });
    expect([status, error, rows.inserted]).toEqual(['complete', null, 100]);
  },
);
