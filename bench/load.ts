// `npm run bench:load`: what else goes on while much is loaded: many jobs at once, status and small jobs beside a large
// one, event streams.
import '#lib/process/require-node.ts';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { JobDto } from '#lib/api/schemas.ts';
import { EventStreamParser, readEventStream } from '#lib/api-client/event-stream.ts';
import { writeManyRows } from '#tests/support/million-rows.ts';
import { type Stack, startStack } from '#tests/support/stack.ts';
import { openStackClient, type StackClient } from '#tests/support/stack-client.ts';
import { putFile } from './carga.ts';
import { treeCpu } from './usage.ts';

const PARTS = ['jobs', 'beside', 'streams'] as const;
const USAGE = `npm run bench:load -- [options]
  --only ${PARTS.join(',')}
  --rows 10000000      rows of the large file (5 GB of disk)
  --job-rows 100000    rows of each of the jobs that run at once
  --streams 200        event streams of one job
  --no-build           takes the web application as it was built last`;

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    only: { type: 'string', default: PARTS.join(',') },
    rows: { type: 'string', default: '10000000' },
    'job-rows': { type: 'string', default: '100000' },
    streams: { type: 'string', default: '200' },
    build: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
});

const SMALL_ROWS = 100;
const JOBS_AT_ONCE = [1, 2, 4, 8, 16];
const CHANGES = 20;
const ASK_EVERY_MS = 100;

const say = (line: string) => console.log(line);
const ms = (value: number | undefined) => `${Math.round(value ?? 0)} ms`;
/** Nearest rank. */
const at = (sorted: number[], share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
const spread = (times: number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  return `p50 ${ms(at(sorted, 0.5))}, p95 ${ms(at(sorted, 0.95))}, longest ${ms(at(sorted, 1))} of ${sorted.length}`;
};
const secondsOf = ({ timings }: JobDto) => timings.totalMs / 1000;

/** Makes `count` figuras, each over an empty table of its own. */
async function makeFiguras({ client, prefix, count }: { client: StackClient; prefix: string; count: number }) {
  const names = Array.from({ length: count }, (_none, index) => `${prefix}_${index + 1}`);
  for (const name of names) {
    await client.db.query(
      `create table bench.${name} (id uuid primary key, nome text not null, valor numeric(12,2), dados jsonb)`,
    );
    const answer = await client.call('POST', '/api/figuras', { name, table: `bench.${name}` });
    if (answer.status !== 201) throw new Error(`${name} was refused: ${answer.text}`);
  }
  return names;
}

async function enqueue(client: StackClient, figura: string, url: string): Promise<string> {
  const { status, json, text } = await client.enqueue(figura, { url });
  if (status !== 202) throw new Error(`the load was refused: ${text}`);
  return json.id;
}

async function untilEnd(client: StackClient, figura: string, id: string, rows: number): Promise<JobDto> {
  const job = await client.untilEnd(figura, id, 3600);
  if (job.status !== 'complete' || job.rows.inserted !== rows) throw new Error(`wrong end: ${JSON.stringify(job)}`);
  return job;
}

/** The same file into 1 to 16 tables at once. */
async function measureJobsAtOnce(stack: Stack, client: StackClient, directory: string): Promise<void> {
  const rows = Number(options['job-rows']);
  const url = await putFile(stack, await writeManyRows(directory, rows), 'bench/many.parquet');
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const worker = stack.startWorker({ WORKER_CONCURRENCY: String(Math.max(...JOBS_AT_ONCE)) });
  say(`\nJobs at once: ${rows} rows each into an empty table of its own, one worker`);
  say('| at once | seconds | rows/s of all | CPU s, worker + readers | CPU s, PostgreSQL |');
  say('| --- | --- | --- | --- | --- |');
  for (const count of JOBS_AT_ONCE) {
    const names = await makeFiguras({ client, prefix: `junto_${count}`, count });
    const before = { worker: treeCpu(worker.pid), postgres: treeCpu(stack.postgres.pid) };
    const start = performance.now();
    await Promise.all(names.map(async (name) => untilEnd(client, name, await enqueue(client, name, url), rows)));
    const seconds = (performance.now() - start) / 1000;
    const cpu = [treeCpu(worker.pid) - before.worker, treeCpu(stack.postgres.pid) - before.postgres];
    const perSecond = Math.round((count * rows) / seconds).toLocaleString('en');
    say(`| ${count} | ${seconds.toFixed(1)} | ${perSecond} | ${cpu.map((value) => value.toFixed(1)).join(' | ')} |`);
  }
  await stack.restartWorker(worker, 'SIGTERM');
}

/** How long the status of a job and the list of jobs take to answer until `isOver`. */
async function askAll(client: StackClient, statusPath: string, isOver: () => boolean) {
  const status: number[] = [];
  const list: number[] = [];
  while (!isOver()) {
    for (const [address, times] of [
      [statusPath, status],
      ['/api/jobs', list],
    ] as const) {
      const start = performance.now();
      const answer = await client.call('GET', address);
      if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`);
      times.push(performance.now() - start);
    }
    await sleep(ASK_EVERY_MS);
  }
  return { status, list };
}

/** What people notice of a large load: answers, and how soon their own small file is loaded. */
async function measureBeside(stack: Stack, client: StackClient, directory: string): Promise<void> {
  const rows = Number(options.rows);
  const file = await writeManyRows(directory, rows);
  const large = await putFile(stack, file, 'bench/large.parquet');
  fs.rmSync(file);
  const small = await putFile(stack, await writeManyRows(directory, SMALL_ROWS), 'bench/small.parquet');
  const [figura = '', ...others] = await makeFiguras({ client, prefix: 'grande', count: 2 });
  const little = await makeFiguras({ client, prefix: 'pequeno', count: 100 });

  const alone = await enqueue(client, little[0] ?? '', small);
  const aloneJob = await untilEnd(client, little.shift() ?? '', alone, SMALL_ROWS);
  const deadline = performance.now() + 5000;
  const quiet = await askAll(client, `/api/pequeno_1/_bulk/status/${alone}`, () => performance.now() > deadline);
  say(`\nBeside a load of ${rows} rows, one worker with two slots`);
  say(`status with nothing beside: ${spread(quiet.status)}; list: ${spread(quiet.list)}`);
  say(`a job of ${SMALL_ROWS} rows with nothing beside: ${ms(aloneJob.timings.totalMs)}`);

  const id = await enqueue(client, figura, large);
  let isOver = false;
  const ended = untilEnd(client, figura, id, rows).finally(() => {
    isOver = true;
  });
  const asked = askAll(client, `/api/${figura}/_bulk/status/${id}`, () => isOver);
  const waited: number[] = [];
  const took: number[] = [];
  while (!isOver && little.length > 20) {
    const name = little.shift() ?? '';
    const job = await untilEnd(client, name, await enqueue(client, name, small), SMALL_ROWS);
    waited.push(job.timings.queuedMs);
    took.push(job.timings.totalMs);
    await sleep(500);
  }
  const job = await ended;
  const { status, list } = await asked;
  say(`the large load: ${secondsOf(job).toFixed(1)} s`);
  say(`status meanwhile: ${spread(status)}; list: ${spread(list)}`);
  say(`small jobs behind it, until they start: ${spread(waited)}; until they are done: ${spread(took)}`);

  // As many large ones as there are slots: the worst there is.
  await client.db.query(`truncate bench.${figura}`);
  const both = await Promise.all(
    [figura, ...others]
      .map(async (name) => {
        const { json } = await client.enqueue(name, { url: large, force: true });
        return untilEnd(client, name, json.id, rows);
      })
      .concat(
        sleep(2000).then(async () => {
          const name = little.shift() ?? '';
          return untilEnd(client, name, await enqueue(client, name, small), SMALL_ROWS);
        }),
      ),
  );
  const [first, second, behind] = both as [JobDto, JobDto, JobDto];
  say(
    `behind two large loads at once (${secondsOf(first).toFixed(1)} and ${secondsOf(second).toFixed(1)} s), until a small job starts: ${ms(behind.timings.queuedMs)}`,
  );
}

/** Many who watch one job. */
async function measureStreams(stack: Stack, client: StackClient, directory: string): Promise<void> {
  const streams = Number(options.streams);
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  const url = await putFile(stack, await writeManyRows(directory, SMALL_ROWS), 'bench/watched.parquet');
  const [figura = ''] = await makeFiguras({ client, prefix: 'vista', count: 1 });
  const id = await enqueue(client, figura, url);
  const given = new AbortController();
  const newest = new Map<number, number>();
  const headers = { authorization: `Bearer ${stack.apiKey}` };
  const cpuBefore = treeCpu(stack.web.pid);
  const start = performance.now();
  const address = `${stack.url}/api/${figura}/_bulk/status/${id}/events`;
  let repeated = 0;
  const watch = async (stream: number) => {
    while (!given.signal.aborted) {
      try {
        const { ok, body } = await fetch(address, { headers, signal: given.signal });
        if (!ok || !body) throw new Error('no stream');
        for await (const event of readEventStream(body, new EventStreamParser(), 60_000))
          newest.set(stream, Number(event.id));
      } catch {
        // A busy machine may take longer for the headers of a request than the server waits: tried again, and told.
        if (!given.signal.aborted) repeated += 1;
      }
    }
  };
  const watching = Array.from({ length: streams }, (_none, stream) => watch(stream));
  const untilAll = async (revision: number) => {
    while (newest.size < streams || [...newest.values()].some((seen) => seen < revision)) await sleep(2);
  };
  await untilAll(0);
  say(`\n${streams} event streams of one job, opened at once`);
  const opening = `${((performance.now() - start) / 1000).toFixed(2)} s, CPU of web ${(treeCpu(stack.web.pid) - cpuBefore).toFixed(2)} s`;
  say(`until each has told the job's state: ${opening}, ${repeated} opened again`);
  const told: number[] = [];
  const cpuAtChanges = treeCpu(stack.web.pid);
  for (let change = 1; change <= CHANGES; change += 1) {
    const { rows } = await client.db.query('update carga.jobs set percent = $2 where id = $1 returning revision', [
      id,
      change,
    ]);
    const changedAt = performance.now();
    await untilAll(Number(rows[0].revision));
    told.push(performance.now() - changedAt);
    await sleep(200);
  }
  say(
    `until a change has reached all: ${spread(told)}, CPU of web ${(treeCpu(stack.web.pid) - cpuAtChanges).toFixed(2)} s`,
  );
  const { rows: sessions } = await client.db.query(
    `select application_name as name, count(*)::int as count from pg_stat_activity
      where application_name like 'carga-web%' group by 1 order by 1`,
  );
  say(`sessions of the web process: ${sessions.map(({ name, count }) => `${count} ${name}`).join(', ')}`);
  const cpuIdle = treeCpu(stack.web.pid);
  await sleep(10_000);
  say(`CPU of web while nothing changes: ${((treeCpu(stack.web.pid) - cpuIdle) * 1000).toFixed(0)} ms in 10 s`);
  given.abort();
  await Promise.all(watching);
}

if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
const wanted = options.only.split(',');
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'carga-bench-load-'));
const stack = await startStack({ build: options.build, env: { RATE_LIMIT_PER_MINUTE: '1000000' } });
const client = await openStackClient(stack);
try {
  await client.db.query('create schema bench');
  say(`${os.cpus().length} cores, load average ${os.loadavg()[0]?.toFixed(1)} at the start`);
  if (wanted.includes('jobs')) await measureJobsAtOnce(stack, client, directory);
  if (wanted.includes('beside')) await measureBeside(stack, client, directory);
  if (wanted.includes('streams')) await measureStreams(stack, client, directory);
  say(`\nload average ${os.loadavg()[0]?.toFixed(1)} at the end`);
} finally {
  await client.close();
  await stack.stop();
  fs.rmSync(directory, { recursive: true, force: true });
}
