import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#embedded/postgres.ts';
import { pidFilePath, readPidFile, servesCluster } from '#embedded/postgres-processes.ts';
import { isAlive } from '#lib/process/is-alive.ts';

let dataDirectory: string;
let running: EmbeddedPostgres[] = [];

beforeEach(() => {
  dataDirectory = fs.mkdtempSync(path.join(os.tmpdir(), 'carga-postgres-'));
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
  fs.rmSync(dataDirectory, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDirectory });
  running.push(server);
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Somebody else who listens on a port: the one told, or any. */
async function squat(wanted = 0) {
  const squatter = createServer().listen(wanted, '127.0.0.1');
  await once(squatter, 'listening');
  const number = (squatter.address() as AddressInfo).port;
  return { number, [Symbol.asyncDispose]: async () => void squatter.close() };
}

const cluster = () => path.join(dataDirectory, 'postgres');

/** A process of its own that starts the server, says its postmaster's id, and then only waits. */
async function startLauncher(): Promise<{ launcher: ChildProcess; postmaster: number }> {
  const script = `
    import { startEmbeddedPostgres } from '#embedded/postgres.ts';
    const server = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(dataDirectory)} });
    console.log(server.pid);
    setInterval(() => {}, 1000);`;
  const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = await once(launcher.stdout as NodeJS.ReadableStream, 'data');
  return { launcher, postmaster: Number(pid) };
}

describe('embedded PostgreSQL', { timeout: 240_000 }, () => {
  test('keeps its data, password and port over a restart', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    const address = path.join(dataDirectory, 'database-url');
    expect(fs.readFileSync(address, 'utf8').trim()).toBe(first.url);
    expect(fs.statSync(address).mode & 0o777).toBe(0o600);
  });

  test('refuses a wrong password', async () => {
    const server = await start();
    const url = new URL(server.url);
    url.password = 'guess';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('knows accents and keeps fsync on', async () => {
    const { url } = await start();
    const sql = `SELECT 'SÃO' ILIKE 'são' AS same, current_setting('fsync') AS fsync`;
    expect(await query(url, sql)).toEqual([{ same: true, fsync: 'on' }]);
  });

  test('takes another port when its last one is taken', async () => {
    const first = await start();
    await first.stop();
    await using port = await squat(Number(new URL(first.url).port));
    const second = await start();
    expect(new URL(second.url).port).not.toBe(String(port.number));
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('refuses a second server on the same folder and says who has it', async () => {
    await start();
    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toThrow(`(process ${process.pid}) already uses`);
  });

  test('starts again after kill -9 of the postmaster during a long statement', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const client = new pg.Client({ connectionString: first.url });
    await client.connect();
    const lost = client.query('SELECT count(*) FROM generate_series(1, 1e12::bigint)').catch((error) => error);
    client.on('error', () => {});
    await sleep(200);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;

    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await lost).toBeInstanceOf(Error);
    await client.end().catch(() => {});
  });

  test('stops the server that a killed launcher left behind', async () => {
    const { launcher, postmaster } = await startLauncher();
    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toThrow(`(process ${launcher.pid})`);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    expect(servesCluster(postmaster, cluster())).toBe(true);

    const server = await start();
    // Not isAlive: where process 1 never waits for orphans, its entry stays in the process table.
    expect(servesCluster(postmaster, cluster())).toBe(false);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('does not touch the process whose id a stale pid file names', async () => {
    const first = await start();
    await first.stop();
    const stranger = spawn('sleep', ['60']);
    try {
      fs.writeFileSync(pidFilePath(cluster()), `${stranger.pid}\n${cluster()}\n0\n0\n\n\n\nready\n`);
      const second = await start();
      expect(readPidFile(cluster())?.pid).toBe(second.pid);
      expect(stranger.exitCode).toBeNull();
      expect(isAlive(stranger.pid as number)).toBe(true);
    } finally {
      stranger.kill();
    }
  });

  test('makes a whole cluster after a first start that was cut short', async () => {
    fs.mkdirSync(path.join(dataDirectory, 'postgres.new/data'), { recursive: true });
    fs.writeFileSync(path.join(dataDirectory, 'postgres.new/data/PG_VERSION'), '18\n');
    const { url } = await start();
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(fs.existsSync(path.join(dataDirectory, 'postgres.new'))).toBe(false);
  });

  test('says in one line that a port asked for is taken', async () => {
    await using port = await squat();
    await expect(startEmbeddedPostgres({ dataDirectory, port: port.number })).rejects.toThrow(
      /^Port \d+ .* is taken\.$/,
    );
  });

  test('tries again when a port is taken at the last moment, and says in the end what PostgreSQL complains of', async () => {
    await using port = await squat();
    const settings = { port: String(port.number) };
    await expect(startEmbeddedPostgres({ dataDirectory, settings })).rejects.toThrow(/FATAL: {2}could not create any/);
    const log = fs.readFileSync(path.join(dataDirectory, 'postgres.log'), 'utf8');
    expect(log.match(/Address already in use/g)).toHaveLength(3);
  });
});
