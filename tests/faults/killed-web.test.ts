import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventStreamParser, readEventStream } from '#lib/api-client/event-stream.ts';
import { watchPace } from '../support/machine-pace.ts';
import { Random } from '../support/random.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';

/** Few in every run; `CARGA_TEST_WEB_KILLS=20 CARGA_TEST_STREAMS=500` for the figures of a release. */
const KILLS = Number(process.env.CARGA_TEST_WEB_KILLS ?? 1);
const STREAMS = Number(process.env.CARGA_TEST_STREAMS ?? 25);
const PUTS_AT_ONCE = 50;
// Three seconds on a quiet machine. A busy one is given more, by what a request of nothing takes meanwhile.
const GAP_LIMIT_MS = 10_000;

let stack: Stack;
let client: StackClient;
const random = new Random(STREAMS);

beforeAll(async () => {
  stack = await startStack({ workers: 0, env: { RATE_LIMIT_PER_MINUTE: '1000000' } });
  client = await openStackClient(stack);
  await client.db.query('create schema porta; create table porta.itens (id int primary key)');
  expect((await client.call('POST', '/api/figuras', { name: 'itens', table: 'porta.itens' })).status).toBe(201);
});
afterAll(async () => {
  await client?.close();
  await stack?.stop();
});

test(
  `the web process killed amid ${KILLS * PUTS_AT_ONCE} enqueues: no job without its task, no task without its job`,
  async () => {
    const url = await client.upload('itens', '{"id":1}\n', 'um.ndjson');
    const told = new Set<string>();
    let cut = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const puts = Array.from({ length: PUTS_AT_ONCE }, (_put, index) =>
        client.enqueue('itens', { url, maxErrors: kill * PUTS_AT_ONCE + index }).then(
          ({ status, json }) => {
            if (status === 202) told.add(json.id);
          },
          () => {
            cut += 1;
          },
        ),
      );
      // Amid them: some have been answered, some not.
      const answered = told.size + random.integer(0, PUTS_AT_ONCE * 0.8);
      await expect.poll(() => told.size, { timeout: 60_000, interval: 1 }).toBeGreaterThanOrEqual(answered);
      await stack.restartWeb('SIGKILL');
      await Promise.all(puts);
    }
    const { rows: jobs } = await client.db.query(
      `select j.id, t.key is not null as "hasTask" from carga.jobs j
         left join graphile_worker._private_jobs t on t.key = 'load:' || j.id`,
    );
    const { rows: tasks } = await client.db.query(
      `select key from graphile_worker._private_jobs
        where key like 'load:%' and substr(key, 6)::uuid not in (select id from carga.jobs)`,
    );
    const ids = new Set(jobs.map(({ id }) => id));
    console.log(
      `enqueues: ${KILLS * PUTS_AT_ONCE}, answered ${told.size}, cut ${cut}, jobs ${jobs.length}, orphans ${jobs.filter(({ hasTask }) => !hasTask).length + tasks.length}`,
    );
    expect(jobs.filter(({ hasTask }) => !hasTask)).toEqual([]);
    expect(tasks).toEqual([]);
    expect([...told].filter((id) => !ids.has(id))).toEqual([]);
    expect(jobs.length).toBeGreaterThanOrEqual(told.size);
  },
  KILLS * 180_000,
);

/** How many sockets the web process holds. */
const socketsOfWeb = () =>
  readdirSync(`/proc/${stack.web.pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${stack.web.pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;

test(`${STREAMS} event streams: all come back after the web server was killed, never backwards, and none is left behind`, async () => {
  await client.db.query('truncate graphile_worker._private_jobs');
  const url = await client.upload('itens', '{"id":2}\n', 'dois.ndjson');
  const { json } = await client.enqueue('itens', { url });
  const path = `/api/itens/_bulk/status/${json.id}/events`;
  const authorization = `Bearer ${stack.apiKey}`;
  const given = new AbortController();
  const change = () =>
    client.db.query(
      'update carga.jobs set percent = case when percent > 90 then 1 else percent + 1 end where id = $1',
      [json.id],
    );
  await change();
  const before = socketsOfWeb();
  let isBack = 0;
  let worstGapMs = 0;
  // How often each came in: a server that is starting may send one away again.
  const connected: number[] = Array.from({ length: STREAMS }, () => 0);
  const newest: number[] = Array.from({ length: STREAMS }, () => 0);
  const watchers = newest.map(async (_none, watcher) => {
    let last = '0';
    let hasComeBack = false;
    while (!given.signal.aborted) {
      try {
        const headers = { authorization, 'last-event-id': last };
        const answer = await fetch(stack.url + path, { headers, signal: given.signal });
        if (answer.status !== 200 || !answer.body) throw new Error(`answered ${answer.status}`);
        connected[watcher] = (connected[watcher] ?? 0) + 1;
        for await (const { id } of readEventStream(answer.body, new EventStreamParser(), 60_000)) {
          expect(Number(id)).toBeGreaterThan(Number(last));
          last = id ?? last;
          newest[watcher] = Number(last);
          if (isBack > 0 && !hasComeBack) {
            hasComeBack = true;
            worstGapMs = Math.max(worstGapMs, Date.now() - isBack);
          }
        }
      } catch (error) {
        if ((error as Error).name === 'AssertionError') throw error;
      }
      if (!given.signal.aborted) await sleep(random.integer(200, 500));
    }
    return { last: Number(last), hasComeBack };
  });
  await expect.poll(() => Math.min(...connected)).toBeGreaterThan(0);
  await change();
  await expect.poll(() => socketsOfWeb() - before).toBeGreaterThanOrEqual(STREAMS - 5);
  const atKill = [...connected];
  await stack.restartWeb('SIGKILL');
  isBack = Date.now();
  const pace = watchPace(() => fetch(`${stack.url}/api/health/live`));
  await change();
  await expect.poll(() => connected.every((times, watcher) => times > (atKill[watcher] ?? 0))).toBe(true);
  await change();
  const { rows } = await client.db.query('select revision from carga.jobs where id = $1', [json.id]);
  const told = Date.now();
  await expect.poll(() => newest.every((last) => last >= rows[0].revision), { timeout: 60_000 }).toBe(true);
  const toldMs = Date.now() - told;
  const slowestMs = await pace.stop();
  given.abort();
  const ends = await Promise.all(watchers);
  expect(ends.filter(({ hasComeBack, last }) => !hasComeBack || last < rows[0].revision)).toEqual([]);
  const begun = Date.now();
  await expect.poll(() => socketsOfWeb() <= before + 15, { timeout: 30_000 }).toBe(true);
  console.log(
    `${STREAMS} streams: all back, longest gap ${worstGapMs} ms, a change told to all in ${toldMs} ms, sockets of the web process gone ${Date.now() - begun} ms after their clients`,
  );
  expect(worstGapMs).toBeLessThan(GAP_LIMIT_MS + STREAMS * slowestMs);
  expect((await fetch(`${stack.url}/api/health/live`)).status).toBe(200);
});
