import { afterAll, expect, test } from 'vitest';
import { findJob } from '#lib/api/find-jobs.ts';
import { jobEventStream } from '#lib/api/watch-job.ts';
import { JobNotifications } from '#lib/db/job-notifications.ts';
import { createPool } from '#lib/db/pool.ts';
import { asAppError } from '#lib/db/sqlstate.ts';
import { createLogger } from '#lib/log.ts';
import { createTestDatabase } from '../support/postgres.ts';

const database = await createTestDatabase();
const options = { connectionString: database.url, applicationName: 'carga-test', max: 2 };
const pool = createPool(options);
const notifications = new JobNotifications(database.url, createLogger({ process: 'test' }));
afterAll(async () => {
  await notifications.close();
  await pool.end();
});

async function makeJob(): Promise<string> {
  await pool.query(`insert into carga.figuras (name, title, schema_name, table_name, key_columns)
    values ('itens', 'x', 'x', 'x', '{id}') on conflict do nothing`);
  const { rows } = await pool.query(
    `insert into carga.jobs (figura, bucket, object_key, etag, file_name, file_size_bytes, file_format, created_by_kind, created_by_name)
     values ('itens', 'b', 'k', 'e', 'f.csv', 1, 'csv', 'user', 'Ana') returning id`,
  );
  return rows[0].id;
}

async function openStream(id: string, signal = new AbortController().signal) {
  let ended = 0;
  const first = await findJob(pool, 'itens', id);
  const stream = jobEventStream({ pool, notifications }, first, ({ revision, percent }) => ({ revision, percent }), {
    lastEventId: null,
    signal,
    onEnd: () => {
      ended += 1;
    },
  });
  return {
    reader: stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader(),
    timesEnded: () => ended,
  };
}

test('a client that does not read finds the newest state when it does, and no pile of older ones', async () => {
  const id = await makeJob();
  const { reader, timesEnded } = await openStream(id);
  expect((await reader.read()).value).toContain('retry: 1000');
  for (let percent = 1; percent <= 60; percent += 1) {
    await pool.query('update carga.jobs set percent = $2 where id = $1', [id, percent]);
    // Time enough for a stream that does not wait for its reader to write this one down.
    await findJob(pool, 'itens', id);
  }
  const seen: number[] = [];
  while (seen.at(-1) !== 60) {
    const { value = '' } = await reader.read();
    seen.push(JSON.parse(/data: (.*)/.exec(value)?.[1] ?? '{}').percent);
  }
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  // What lay ready in the stream and the decoder behind it, and what changed while those were read.
  expect(seen.length).toBeLessThan(8);
  await reader.cancel();
  await expect.poll(() => [timesEnded(), notifications.size], { timeout: 10_000 }).toEqual([1, 0]);
});

test('a stream nobody reads ends when it is told to', async () => {
  const given = new AbortController();
  const { reader, timesEnded } = await openStream(await makeJob(), given.signal);
  given.abort();
  expect(timesEnded()).toBe(1);
  let last = await reader.read();
  while (!last.done) last = await reader.read();
  expect([timesEnded(), notifications.size]).toEqual([1, 0]);
});

test('a stream tells the end of its job and ends', async () => {
  const id = await makeJob();
  const { reader, timesEnded } = await openStream(id);
  await pool.query(
    `update carga.jobs set status = 'cancelled', phase = 'done', finished_at = now(), rows_read = 0 where id = $1`,
    [id],
  );
  let text = '';
  for (let last = await reader.read(); !last.done; last = await reader.read()) text += last.value;
  expect(text).toMatch(/event: status\ndata: .*\n\n$/);
  expect([timesEnded(), notifications.size]).toEqual([1, 0]);
});

test('a statement that takes too long is ended, and its caller told to come again', async () => {
  const impatient = createPool({ ...options, max: 1, statementTimeoutMs: 300 });
  const [slow] = await Promise.allSettled([impatient.query('select pg_sleep(30)')]);
  expect(slow.status === 'rejected' && asAppError(slow.reason)).toMatchObject({ code: 'database_unavailable' });
  await impatient.end();
});
