// A large file goes into its stage by two sessions: what either of them holds or refuses is the same load.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { expect, test } from 'vitest';
import { CopyLanes } from '#lib/load/copy-lanes.ts';
import { runLoad } from '#lib/load/run-load.ts';
import { createLoadHarness, type LoadHarness } from '../support/load-harness.ts';
import { postgresVersions } from '../support/postgres.ts';

const NEWEST = Math.max(...postgresVersions);
const ROWS = 20_000;
// Long rows, so that many span two pieces of what the reader writes.
const FILLING = 'çã🙂'.repeat(40);
const isBad = (id: number) => id % 997 === 5 || (id > 9000 && id < 9050);
const line = (id: number) => `{"id":${isBad(id) ? `"x${id}"` : id},"nome":"${FILLING}${id}"}\n`;
const bytes = Array.from({ length: ROWS }, (_row, id) => line(id)).join('');
const badRows = Array.from({ length: ROWS }, (_row, id) => id).filter(isBad);

async function open(version: number): Promise<LoadHarness> {
  const harness = await createLoadHarness(version);
  await harness.pool.query('create table public.faixas (id int primary key, nome text)');
  await harness.register('faixas', 'public.faixas');
  return harness;
}

const stageTables = async ({ pool }: LoadHarness): Promise<string[]> => {
  const { rows } = await pool.query(`select relname from pg_class where relnamespace = 'carga_stage'::regnamespace
                                      and relkind = 'r' order by relname`);
  return rows.map(({ relname }) => relname);
};

test.each(postgresVersions)(
  'two sessions stage one file on PostgreSQL %i, and no row is lost between them',
  async (version) => {
    const harness = await open(version);
    const held: number[] = [];
    const atStep = async (step: string) => {
      if (step !== 'staged') return;
      for (const table of await stageTables(harness)) {
        const { rows } = await harness.pool.query(`select count(*)::int as n from only carga_stage.${table}`);
        held.push(rows[0].n);
      }
    };
    const outcome = await harness.load('faixas', { bytes, format: 'ndjson' }, {}, { atStep });
    // Before 17 a file with a bad value is staged another way, by one session.
    if (version >= 17) {
      expect(held).toHaveLength(2);
      expect(Math.min(...held)).toBeGreaterThan(0);
    }
    expect(held.reduce((sum, n) => sum + n, 0)).toBe(ROWS - badRows.length);
    expect(outcome).toMatchObject({ status: 'complete', rows: { read: ROWS, rejected: badRows.length } });
    expect(outcome.stage.map(({ row }) => row)).toEqual(badRows.map((id) => id + 1));
    const { rows } = await harness.pool.query(
      `select count(*)::int as n, count(*) filter (where nome = $1 || id)::int as whole from public.faixas`,
      [FILLING],
    );
    expect(rows).toEqual([{ n: ROWS - badRows.length, whole: ROWS - badRows.length }]);
    expect(await stageTables(harness)).toEqual([]);
  },
);

test.each(postgresVersions)('a sound file is staged by two sessions on PostgreSQL %i too', async (version) => {
  const harness = await open(version);
  const sound = Array.from({ length: ROWS }, (_row, id) => `{"id":${id},"nome":"${FILLING}"}\n`).join('');
  let tables: string[] = [];
  const atStep = async (step: string) => {
    if (step === 'staged') tables = await stageTables(harness);
  };
  const outcome = await harness.load('faixas', { bytes: sound, format: 'ndjson' }, {}, { atStep });
  expect(outcome).toMatchObject({ status: 'complete', rows: { read: ROWS, inserted: ROWS } });
  expect(tables).toHaveLength(2);
});

test('where the server has no session to spare, one copies alone', async () => {
  const harness = await open(NEWEST);
  let tables: string[] = [];
  const database = new URL(harness.databaseUrl).pathname.slice(1);
  const limit = (sessions: number) => harness.pool.query(`alter database ${database} connection limit ${sessions}`);
  const atStep = async (step: string) => {
    if (step === 'staging') {
      const { rows } = await harness.pool.query(
        `select count(*) as n from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
        [database],
      );
      await limit(rows[0].n);
    }
    if (step !== 'staged') return;
    await limit(-1);
    tables = await stageTables(harness);
  };
  const outcome = await harness.load('faixas', { bytes, format: 'ndjson' }, {}, { atStep });
  expect(outcome).toMatchObject({ status: 'complete', rows: { read: ROWS, rejected: badRows.length } });
  expect(tables).toHaveLength(1);
});

test('an attempt that loses its second session leaves nothing, and the next one loads the file', async () => {
  const harness = await open(NEWEST);
  const id = await harness.enqueue('faixas', { bytes, format: 'ndjson' });
  let lost = 0;
  const atStep = async (step: string) => {
    if (step !== 'copying') return;
    await expect
      .poll(
        async () => {
          const { rows } = await harness.pool.query(
            `select pg_terminate_backend(pid) as gone from pg_stat_activity where datname = current_database() and state = 'active' and query like 'copy %_side%'`,
          );
          lost = rows.length;
          return lost;
        },
        { interval: 1 },
      )
      .toBe(1);
  };
  await expect(runLoad(harness.context({ isLastTry: false, atStep }), id)).rejects.toThrow();
  expect(lost).toBe(1);
  expect(await stageTables(harness)).toEqual([]);
  await runLoad(harness.context(), id);
  expect(await harness.outcome(id)).toMatchObject({
    status: 'complete',
    rows: { read: ROWS, rejected: badRows.length },
  });
  expect(await stageTables(harness)).toEqual([]);
});

test('a second session that cannot start ends the first one with its reason', async () => {
  const harness = await open(NEWEST);
  const client = await harness.pool.connect();
  const lanes = new CopyLanes(client.query(copyFrom('copy public.faixas from stdin')), 10, async () => {
    throw new Error('no second');
  });
  const rows = Array.from({ length: 100 }, (_row, id) => Buffer.from(`${id}\tnome\n`));
  await expect(pipeline(Readable.from(rows), lanes)).rejects.toThrow('no second');
  expect((await client.query('select count(*)::int as n from public.faixas')).rows).toEqual([{ n: 0 }]);
  client.release();
});
