// A disk that is really full: small ones, made for the purpose, of which only the superuser can make any.
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';
import { openStackClient, type StackClient } from '../support/stack-client.ts';
import { createWatchedTable, readWrites } from '../support/write-oracle.ts';

const MEBIBYTE = 1024 * 1024;
const ROWS = 60_000;

const disks: string[] = [];
/** A disk of so many MiB at a folder; false where nobody may make one. */
function makeDisk(folder: string, mebibytes: number): boolean {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'tmpfs', folder], { stdio: 'ignore' });
    disks.push(folder);
    return true;
  } catch {
    return false;
  }
}

let stack: Stack;
let client: StackClient;
let folder: string;
let canMount: boolean;

beforeAll(async () => {
  stack = await startStack({ workers: 0 });
  client = await openStackClient(stack);
  folder = path.join(stack.dataDirectory, 'disks');
  canMount = makeDisk(path.join(folder, 'temp'), 4);
});
afterAll(async () => {
  await client?.close();
  for (const disk of disks) execFileSync('umount', ['-l', disk]);
  await stack?.stop();
});

const csv = (rows: number) => {
  const lines = ['id,nome,valor,dados'];
  for (let n = 0; n < rows; n += 1) {
    lines.push(`00000000-0000-4000-8000-${String(n).padStart(12, '0')},${'x'.repeat(40)} ${n},1.00,`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
};

async function enqueue(name: string, rows: number) {
  const url = await client.upload(name, csv(rows), 'linhas.csv');
  return (await client.enqueue(name, { url })).json.id as string;
}

const isWaitingForRoom = async (id: string) => {
  const { rows } = await client.db.query(
    `select 1 from carga.job_events where job_id = $1 and code = 'retry_scheduled' and data ->> 'code' = 'out_of_disk'`,
    [id],
  );
  return rows.length > 0;
};
const hurry = () =>
  client.db.query('update graphile_worker._private_jobs set run_at = now() where locked_at is null and run_at > now()');

async function expectAppliedOnce(name: string, id: string, rows: number) {
  await hurry();
  expect(await client.untilEnd(name, id, 120)).toMatchObject({ status: 'complete', rows: { inserted: rows } });
  expect(await readWrites(client, name)).toEqual({ rows, writes: rows, keys: rows });
}

test("a worker's full disk: the file waits for room, small ones go on, and nobody falls", async ({ skip }) => {
  if (!canMount) skip();
  for (const name of ['grande', 'pequeno']) await createWatchedTable(client, name);
  const temp = path.join(folder, 'temp');
  const worker = stack.startWorker({ CARGA_TEMP_DIR: temp });
  const large = await enqueue('grande', ROWS);
  await expect.poll(() => isWaitingForRoom(large), { timeout: 60_000 }).toBe(true);
  const small = await enqueue('pequeno', 100);
  await expectAppliedOnce('pequeno', small, 100);
  // Hurried along with the small one, it may be trying again at this moment.
  await expect
    .poll(async () => (await client.call('GET', `/api/grande/_bulk/status/${large}`)).json)
    .toMatchObject({ status: 'queued', rows: { read: 0 } });
  expect(await readWrites(client, 'grande')).toEqual({ rows: 0, writes: 0, keys: 0 });
  execFileSync('mount', ['-o', 'remount,size=64m', temp]);
  await expectAppliedOnce('grande', large, ROWS);
  expect(stack.workers[0]?.pid).toBe(worker.pid);
});

test("PostgreSQL's full disk amid COPY: nothing is applied, the server stays, and room is enough to go on", async ({
  skip,
}) => {
  const disk = path.join(folder, 'tablespace');
  if (!canMount || !makeDisk(disk, 12)) skip();
  // It belongs to whoever PostgreSQL runs as.
  const { uid, gid } = statSync(path.join(stack.dataDirectory, 'postgres'));
  chownSync(disk, uid, gid);
  await client.db.query(`create tablespace cheio location '${disk}'`);
  await client.db.query('grant create on tablespace cheio to public');
  const { rows } = await client.db.query('select current_database() as name');
  await createWatchedTable(client, 'cheia');
  await client.db.query(`alter database ${rows[0].name} set default_tablespace = cheio`);
  const filler = path.join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(10 * MEBIBYTE));
  await Promise.all(stack.workers.splice(0).map((worker) => worker.kill('SIGTERM')));
  stack.startWorker();
  const id = await enqueue('cheia', ROWS);
  await expect.poll(() => isWaitingForRoom(id), { timeout: 60_000 }).toBe(true);
  expect(await readWrites(client, 'cheia')).toEqual({ rows: 0, writes: 0, keys: 0 });
  expect((await client.call('GET', '/api/health/ready')).status).toBe(200);
  rmSync(filler);
  execFileSync('mount', ['-o', 'remount,size=128m', disk]);
  await expectAppliedOnce('cheia', id, ROWS);
});
