import { afterAll, beforeAll, expect, test } from 'vitest';
import { KILL_FORMATS, type KillFormat, readManyRows } from '../support/million-rows.ts';
import { Random } from '../support/random.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

const ROWS = 200_000;
/** Few in every run; `CARGA_TEST_KILLS=50` for the figure of a release. */
const KILLS = Number(process.env.CARGA_TEST_KILLS ?? 2);
// A job of this size takes some four seconds here: a moment within it, wherever that is.
const LATEST_KILL_MS = 5000;

let stack: Stack;
let client: StackClient;
let files: Record<KillFormat, Buffer>;
let isOver = false;
/** The same moments each time; what a machine is doing at them differs enough. */
const random = new Random(KILLS);

beforeAll(async () => {
  stack = await startStack({ workers: 2 });
  client = await openStackClient(stack);
  files = await readManyRows(stack.dataDirectory, ROWS);
  for (const worker of stack.workers) supervise(worker);
});
afterAll(async () => {
  isOver = true;
  await client?.close();
  await stack?.stop();
});

/** Another worker takes the place of one that ended, killed or by itself: some of its sessions it cannot do without. */
function supervise(worker: StackProcess): void {
  void worker.exited.then(() => {
    if (isOver) return;
    stack.workers.splice(stack.workers.indexOf(worker), 1);
    supervise(stack.startWorker());
  });
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What is killed: the worker that has the job, or the database session of its load. */
async function kill(victim: 'worker' | 'backend', jobId: string): Promise<boolean> {
  if (victim === 'backend') {
    const { rowCount } = await client.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name like 'carga-worker-%' and query not like '%heartbeat%' and query not like 'select set_config(%'
          and query not like 'insert into carga.workers%'`,
    );
    return (rowCount ?? 0) > 0;
  }
  const { rows } = await client.db.query(
    `select w.process_id as pid from carga.jobs j join carga.workers w on w.id = j.worker_id
      where j.id = $1 and j.status = 'processing'`,
    [jobId],
  );
  const worker = stack.workers.find(({ pid }) => pid === rows[0]?.pid);
  if (!worker) return false;
  await worker.kill('SIGKILL');
  return true;
}

test.each(['worker', 'backend'] as const)(
  'a %s killed at random moments: nothing lost, nothing twice',
  async (victim) => {
    const pausesMs: number[] = [];
    let hits = 0;
    for (let run = 0; run < KILLS; run += 1) {
      const name = `${victim}_${run}`;
      await createWatchedTable(client, name);
      const format = KILL_FORMATS[run % KILL_FORMATS.length] as KillFormat;
      const url = await client.upload(name, files[format], `rows.${format}`);
      const { json } = await client.enqueue(name, { url });
      await sleep(random.next() * LATEST_KILL_MS);
      const killedAt = Date.now();
      const isHit = await kill(victim, json.id);
      const job = await client.untilEnd(name, json.id, 120);
      expect(job, `${victim} ${run} ${format}`).toMatchObject({
        status: 'complete',
        rows: { read: ROWS, inserted: ROWS },
      });
      expect(await readWrites(client, name), `${victim} ${run} ${format}`).toEqual({
        rows: ROWS,
        writes: ROWS,
        keys: ROWS,
      });
      if (isHit && job.attempts > 1) {
        hits += 1;
        const { rows } = await client.db.query(
          `select at from carga.job_events where job_id = $1 and code = 'resumed' and attempt = 2`,
          [json.id],
        );
        if (rows[0]) pausesMs.push(rows[0].at.getTime() - killedAt);
      }
      await client.db.query(`drop table falhas.${name}; drop table falhas.${name}_writes`);
    }
    pausesMs.sort((a, b) => a - b);
    const p95 = pausesMs[Math.max(0, Math.ceil(pausesMs.length * 0.95) - 1)];
    console.log(
      `${victim}: ${KILLS} runs, ${hits} resumed, pause p50 ${pausesMs[Math.floor(pausesMs.length / 2)]} ms, p95 ${p95} ms`,
    );
    if (p95 !== undefined) expect(p95).toBeLessThan(15_000);
  },
  3_600_000,
);

test('eight jobs at once with shared keys equal a serial order', async () => {
  await client.db.query(`create table falhas.corrida (id int primary key, job int, versao int)`);
  await client.call('POST', '/api/figuras', { name: 'corrida', table: 'falhas.corrida' });
  const jobs = await Promise.all(
    Array.from({ length: 8 }, async (_job, job) => {
      const rows = Array.from({ length: 2000 }, (_row, id) => JSON.stringify({ id: id + job * 250, job, versao: job }));
      const url = await client.upload('corrida', rows.join('\n'), `corrida-${job}.ndjson`);
      return (await client.enqueue('corrida', { url })).json.id as string;
    }),
  );
  const ends = await Promise.all(jobs.map((id) => client.untilEnd('corrida', id)));
  for (const end of ends) {
    expect(end).toMatchObject({ status: 'complete', rows: { read: 2000, rejected: 0, skipped: 0 } });
    expect(end.rows.inserted + end.rows.updated).toBe(2000);
  }
  // Whatever the order was, each key holds the whole row of one job: the last of those that carried it.
  const order = ends.map((end, job) => ({ job, at: end.finishedAt ?? '' })).sort((a, b) => (a.at < b.at ? -1 : 1));
  const model = new Map<number, number>();
  for (const { job } of order) for (let id = job * 250; id < job * 250 + 2000; id += 1) model.set(id, job);
  const { rows } = await client.db.query('select id, job, versao from falhas.corrida order by id');
  expect(rows.length).toBe(model.size);
  for (const row of rows) expect([row.id, row.job, row.versao]).toEqual([row.id, model.get(row.id), model.get(row.id)]);
  expect(ends.reduce((sum, end) => sum + end.rows.inserted, 0)).toBe(model.size);
});
