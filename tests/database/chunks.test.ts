import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileFormat } from '#lib/job/job-states.ts';
import { dropOrphanStages } from '#lib/load/create-stage.ts';
import { helpLoad } from '#lib/load/help-load.ts';
import type { LoadContext } from '#lib/load/load-context.ts';
import { runLoad } from '#lib/load/run-load.ts';
import { createLoadHarness, type LoadHarness, type LoadOutcome } from '../support/load-harness.ts';
import { watchPace } from '../support/machine-pace.ts';
import { postgresVersions } from '../support/postgres.ts';

const ROWS = 10_240;
const CHUNK_ROWS = 2048;
const WHOLE = { chunkRows: 10 * ROWS };
const CHUNKED = { chunkRows: CHUNK_ROWS };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'carga-chunks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Rows of which some are refused by COPY, some by a check, a reference or a trigger, some repeat, some delete nothing. */
const MIXED = `SELECT CASE WHEN i % 997 = 5 THEN 'zz' WHEN i % 3000 = 2999 THEN CAST(i - 2500 AS VARCHAR) ELSE CAST(i AS VARCHAR) END AS id,
  CASE WHEN i % 1111 = 8 THEN NULL WHEN i = 7345 THEN 'gatilho' ELSE 'Nome' || chr(13) || chr(10) || repeat('"', 200) || i || '"' END AS nome,
  CASE WHEN i % 1500 = 7 THEN '-1' ELSE CAST(i AS VARCHAR) || '.50' END AS valor,
  CASE WHEN i % 1999 = 3 THEN 99 ELSE i % 5 END AS grupo,
  CASE WHEN i % 10 = 0 THEN 'D' END AS op FROM range(${ROWS}) r(i)`;
const SOUND = `SELECT i AS id, 'Nome ' || repeat('x', 200) || i AS nome, i AS valor, i % 5 AS grupo FROM range(${ROWS}) r(i)`;

const OPTIONS: Partial<Record<FileFormat, string>> = {
  parquet: 'FORMAT parquet, ROW_GROUP_SIZE 2048',
  csv: `FORMAT csv, HEADER true, DELIMITER ';'`,
  ndjson: 'FORMAT json',
};

async function fileOf(sql: string, format: FileFormat): Promise<{ bytes: Uint8Array; format: FileFormat }> {
  const file = path.join(folder, `rows.${format}`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`COPY (${sql}) TO '${file}' (${OPTIONS[format]})`);
  connection.closeSync();
  instance.closeSync();
  const bytes = await readFile(file);
  // Its line breaks as Windows writes them; those in the cells are so already.
  const isCsv = format === 'csv';
  return { bytes: isCsv ? Buffer.from(bytes.toString().replace(/(?<!\r)\n/g, '\r\n')) : bytes, format };
}

/** What two jobs over like tables have in common, one line a row. */
function likeness({ status, result, rows, stage }: LoadOutcome): string[] {
  return [{ status, result, rows }, ...stage].map((line) => JSON.stringify(line).replace(/pedaco_\d+/g, 'pedaco'));
}

// Whole loads of ten thousand rows, several in a test: a busy machine takes a minute.
const LIMIT = { timeout: 300_000 };

describe.each(postgresVersions)('on PostgreSQL %i', LIMIT, (version) => {
  let harness: LoadHarness;
  let figuras = 0;
  const query = async (sql: string, values: unknown[] = []) => (await harness.pool.query(sql, values)).rows;

  beforeAll(async () => {
    harness = await createLoadHarness(version);
    await query(`create schema pedacos; create table pedacos.grupos (id int primary key);
      insert into pedacos.grupos select generate_series(0, 4);
      create function pedacos.refuse() returns trigger language plpgsql as
        $f$ begin if new.nome = 'gatilho' then raise 'recusado'; end if; return new; end $f$`);
  });

  /** A table with rows to update and to delete, as a figura. */
  async function makeFigura(): Promise<string> {
    figuras += 1;
    const name = `pedaco_${figuras}`;
    await query(`create table pedacos.${name} (
        id int primary key, nome text not null, valor numeric(15,2) check (valor >= 0), grupo int references pedacos.grupos);
      insert into pedacos.${name} select i, 'antes', i, 0 from generate_series(0, ${ROWS / 2}) i;
      create trigger refuse before insert or update on pedacos.${name} for each row execute function pedacos.refuse()`);
    await harness.register(name, `pedacos.${name}`);
    return name;
  }

  const chunksOf = (id: string) =>
    query(
      `select number, status, token, worker_id as "workerId", claims from carga.job_chunks where job_id = $1 order by number`,
      [id],
    );
  const stageTables = () =>
    query(`select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = 'carga_stage'`);
  const rowsOf = (figura: string) => query(`select * from pedacos.${figura} order by id`);
  const help = (id: string, overrides: Partial<LoadContext> = {}) =>
    helpLoad({ ...harness.context(overrides), areLoadsWaiting: async () => false }, id);

  test.each(['parquet', 'csv', 'ndjson'] as const)('a %s in chunks comes to what it comes to whole', async (format) => {
    const file = await fileOf(MIXED, format);
    const [one, other] = [await makeFigura(), await makeFigura()];
    const whole = await harness.load(one, file, {}, WHOLE);
    const divided = await harness.load(other, file, {}, CHUNKED);
    expect(whole).toMatchObject({ status: 'complete', result: 'partial', rows: { read: ROWS } });
    expect(await chunksOf(whole.id)).toEqual([]);
    expect((await chunksOf(divided.id)).map(({ status, claims }) => [status, claims])).toEqual(
      Array.from({ length: 5 }, () => ['done', 1]),
    );
    expect(likeness(divided)).toEqual(likeness(whole));
    expect(await rowsOf(other)).toEqual(await rowsOf(one));
    expect(await stageTables()).toEqual([]);
    for (const code of ['invalid_value', 'not_null', 'check_violation', 'foreign_key_violation', 'trigger_refused']) {
      expect(whole.stage.some(({ faults }) => faults.some((fault) => fault.code === code))).toBe(true);
    }
  });

  test('helpers stage chunks of a job beside its attempt', async () => {
    const figura = await makeFigura();
    const id = await harness.enqueue(figura, await fileOf(SOUND, 'parquet'));
    const helpers: Promise<unknown>[] = [];
    const leader = harness.context({
      ...CHUNKED,
      callHelpers: async (jobId, count) => {
        expect(count).toBe(4);
        helpers.push(help(jobId), help(jobId));
      },
      // After its first the attempt waits until somebody else has one.
      atStep: async (step) => {
        if (step !== 'chunk_staged') return;
        const holders = async () => new Set((await chunksOf(id)).map(({ workerId }) => workerId ?? leader.workerId));
        await expect.poll(async () => (await holders()).size).toBeGreaterThan(1);
      },
    });
    await runLoad(leader, id);
    expect(await Promise.all(helpers)).toEqual(['done', 'done']);
    expect(await harness.outcome(id)).toMatchObject({ status: 'complete', rows: { read: ROWS, rejected: 0 } });
    const chunks = await chunksOf(id);
    expect(new Set(chunks.map(({ workerId }) => workerId)).size).toBeGreaterThan(1);
    expect(chunks.map(({ claims }) => claims)).toEqual([1, 1, 1, 1, 1]);
    expect(await stageTables()).toEqual([]);
  });

  /** Runs an attempt that fails at a step, the `times`-th time it comes to it. */
  async function failAt(step: string, id: string, times = 1): Promise<void> {
    let seen = 0;
    const atStep = (at: string) => {
      if (at === step && ++seen === times) throw new Error('power cut');
    };
    await expect(runLoad(harness.context({ ...CHUNKED, isLastTry: false, atStep }), id)).rejects.toThrow('power cut');
  }

  test('chunks that are done are kept by the next attempt', async () => {
    const figura = await makeFigura();
    const id = await harness.enqueue(figura, await fileOf(SOUND, 'parquet'));
    await failAt('chunk_staged', id, 3);
    const before = await chunksOf(id);
    expect(before.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'waiting', 'waiting']);
    await runLoad(harness.context(CHUNKED), id);
    expect(await harness.outcome(id)).toMatchObject({ status: 'complete', rows: { read: ROWS, rejected: 0 } });
    const after = await chunksOf(id);
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after.map(({ claims }) => claims)).toEqual([1, 1, 1, 1, 1]);
    expect(await stageTables()).toEqual([]);
  });

  test('chunks from which an attempt took rows out, or that a crash emptied, are staged again', async () => {
    const file = await fileOf(MIXED, 'parquet');
    const [one, other] = [await makeFigura(), await makeFigura()];
    const whole = await harness.load(one, file, {}, WHOLE);
    const id = await harness.enqueue(other, file);
    await failAt('validated', id);
    const before = await chunksOf(id);
    expect(before.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'done'));
    await runLoad(harness.context(CHUNKED), id);
    const divided = await harness.outcome(id);
    expect(likeness(divided)).toEqual(likeness(whole));
    expect(await rowsOf(other)).toEqual(await rowsOf(one));
    // Every chunk has a row that a check refuses.
    expect((await chunksOf(id)).map(({ claims }) => claims)).toEqual([2, 2, 2, 2, 2]);

    const sound = await harness.enqueue(await makeFigura(), await fileOf(SOUND, 'parquet'));
    await failAt('chunk_staged', sound, 4);
    const first = (await stageTables()).find(({ relname }) => !relname.endsWith('_side'));
    await query(`truncate carga_stage.${first?.relname}`);
    await runLoad(harness.context(CHUNKED), sound);
    expect(await harness.outcome(sound)).toMatchObject({ status: 'complete', rows: { read: ROWS, rejected: 0 } });
    expect((await chunksOf(sound)).map(({ claims }) => claims).sort()).toEqual([1, 1, 1, 1, 2]);
    expect(await stageTables()).toEqual([]);
  });

  test('an attempt that comes to other chunks begins anew, and a late helper writes nothing', async () => {
    const id = await harness.enqueue(await makeFigura(), await fileOf(SOUND, 'parquet'));
    await failAt('chunk_staged', id, 2);
    const late = help(id, { atStep: () => new Promise((resolve) => setTimeout(resolve, 500)) });
    await expect.poll(async () => (await chunksOf(id)).some(({ status }) => status === 'staging')).toBe(true);
    await runLoad(harness.context({ chunkRows: CHUNK_ROWS * 2 }), id);
    await late;
    expect(await harness.outcome(id)).toMatchObject({ status: 'complete', rows: { read: ROWS } });
    expect((await chunksOf(id)).map(({ claims }) => claims)).toEqual([1, 1]);
    expect(await stageTables()).toEqual([]);
  });

  test('a helper makes room for a load that waits', async () => {
    const id = await harness.enqueue(await makeFigura(), await fileOf(SOUND, 'parquet'));
    await failAt('chunk_staged', id);
    const end = await helpLoad({ ...harness.context(), areLoadsWaiting: async () => true }, id);
    expect(end).toBe('interrupted');
    expect((await chunksOf(id)).map(({ status }) => status)).toEqual(['done', 'done', 'waiting', 'waiting', 'waiting']);
    await runLoad(harness.context(CHUNKED), id);
  });

  test('the sweep drops tables of lost claims, and those of done chunks once their job has ended', async () => {
    const id = await harness.enqueue(await makeFigura(), await fileOf(SOUND, 'parquet'));
    await failAt('chunk_staged', id, 2);
    const before = await stageTables();
    // Two sessions have copied each of them.
    expect(before).toHaveLength(4);
    const lost = `carga_stage.chunk_${id.replaceAll('-', '')}_1_0123456789ab`;
    await query(`create table ${lost} (n bigint); create table ${lost}_side (n bigint)`);
    expect(await dropOrphanStages(harness.pool)).toBe(2);
    expect(await stageTables()).toEqual(before);
    await query(`update carga.jobs set status = 'cancelled', finished_at = now() where id = $1`, [id]);
    expect(await dropOrphanStages(harness.pool)).toBe(4);
    expect(await stageTables()).toEqual([]);
  });

  test('a chunk whose holder lost its session is staged by the attempt', async () => {
    const id = await harness.enqueue(await makeFigura(), await fileOf(SOUND, 'parquet'));
    let helper: Promise<unknown> = Promise.resolve();
    const callHelpers = async () => {
      const applicationName = 'carga-test-helper';
      let isFirst = true;
      const atStep = async (step: string) => {
        if (step !== 'copying' || !isFirst) return;
        isFirst = false;
        await query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
          applicationName,
        ]);
      };
      helper = help(id, { applicationName, atStep });
      await expect.poll(async () => (await chunksOf(id)).some(({ claims }) => claims > 0)).toBe(true);
    };
    await runLoad(harness.context({ ...CHUNKED, callHelpers }), id);
    expect(await helper).toBe('done');
    expect(await harness.outcome(id)).toMatchObject({ status: 'complete', rows: { read: ROWS } });
    expect((await chunksOf(id)).map(({ claims }) => claims)).toEqual([2, 1, 1, 1, 1]);
    expect(await stageTables()).toEqual([]);
  });

  test('a file that is damaged in one chunk fails as it does whole, whoever meets it first', async () => {
    const { bytes, format } = await fileOf(
      `SELECT i AS id, md5(CAST(i AS VARCHAR)) AS nome FROM range(${ROWS}) r(i)`,
      'parquet',
    );
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, Math.floor(damaged.length * 0.6), Math.floor(damaged.length * 0.6) + 400);
    const figura = await makeFigura();
    const whole = await harness.load(figura, { bytes: damaged, format }, {}, WHOLE);
    expect(whole).toMatchObject({ status: 'error', error: 'corrupt_file' });
    const id = await harness.enqueue(figura, { bytes: damaged, format });
    const callHelpers = async () => {
      expect(await help(id)).toBe('done');
    };
    await runLoad(harness.context({ ...CHUNKED, callHelpers }), id);
    expect(await harness.outcome(id)).toMatchObject({ status: 'error', error: whole.error, rows: { inserted: 0 } });
    expect((await chunksOf(id)).filter(({ claims }) => claims === 2)).toHaveLength(1);
    expect(await stageTables()).toEqual([]);
  });

  test('a cancelled job stops its helpers too, within two seconds', async () => {
    // Each value takes PostgreSQL 20 ms: a chunk, the better part of a minute.
    await query(`create function pedacos.wait(value int) returns boolean language plpgsql as
        $f$ begin perform pg_sleep(0.02); return true; end $f$;
      create domain pedacos.lento as int check (pedacos.wait(value));
      create table pedacos.devagar (id int primary key, valor pedacos.lento)`);
    await harness.register('devagar', 'pedacos.devagar');
    const id = await harness.enqueue('devagar', await fileOf(SOUND, 'parquet'));
    const applicationName = 'carga-test-cancelled';
    let helper: Promise<unknown> = Promise.resolve();
    const callHelpers = async () => {
      helper = help(id, { applicationName });
    };
    const load = runLoad(harness.context({ ...CHUNKED, applicationName, callHelpers }), id);
    const sessions = (condition: string) =>
      query(`select pid from pg_stat_activity where application_name = $1 and ${condition}`, [applicationName]);
    await expect.poll(() => sessions(`state = 'active' and query like 'copy %'`), { timeout: 120_000 }).toHaveLength(2);
    const pace = watchPace(() => query('select 1'));
    const asked = Date.now();
    await query('update carga.jobs set cancel_requested_at = now() where id = $1', [id]);
    await Promise.all([load, helper]);
    const tookMs = Date.now() - asked;
    // What a query of nothing takes meanwhile, several times over, is this machine's.
    expect(tookMs).toBeLessThan(2000 + 10 * (await pace.stop()));
    expect(await sessions(`state = 'active'`)).toEqual([]);
    expect(await harness.outcome(id)).toMatchObject({ status: 'cancelled', rows: { inserted: 0, updated: 0 } });
    expect(await stageTables()).toEqual([]);
  });
});
