import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensureWebBuild } from '#embedded/build-web.ts';
import { findFreePort } from '#embedded/ports.ts';
import { readPidFile, servesCluster } from '#embedded/postgres-processes.ts';
import { isAlive } from '#lib/process/is-alive.ts';
import { makeDataDirectory } from '#tests/support/leftovers.ts';

let dataDirectory: string;
let port: number;
const started: ChildProcess[] = [];

beforeAll(async () => {
  await ensureWebBuild(() => {});
  dataDirectory = makeDataDirectory('launcher');
  port = await findFreePort();
});
afterEach(async () => {
  for (const process of started.splice(0)) {
    process.kill('SIGTERM');
    if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
  }
});
afterAll(() => {
  fs.rmSync(dataDirectory, { recursive: true, force: true });
});

interface Launch {
  process: ChildProcess;
  output: () => string;
  errors: () => string;
  /** Resolves with the exit code; null when a signal ended it. */
  exit: Promise<number | null>;
}

function launch(env: Record<string, string> = {}, command: string[] = [process.execPath, 'embedded/start.ts']): Launch {
  const child = spawn(command[0] as string, command.slice(1), {
    env: {
      NODE_ENV: undefined as never,
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      CARGA_DATA_DIR: dataDirectory,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { process: child, output: () => output, errors: () => errors, exit };
}

async function untilReady(launched: Launch): Promise<void> {
  while (!/^ready /m.test(launched.output())) {
    if (launched.process.exitCode !== null) throw new Error(`it ended: ${launched.output()}${launched.errors()}`);
    await sleep(50);
  }
}

/** Process ids of the children of a process, by a word of their command line. */
function childrenOf(pid: number | undefined, word: RegExp): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const rows = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) as RegExpExecArray);
  return rows
    .filter(([, , parent, args]) => Number(parent) === pid && word.test(args as string))
    .map((row) => Number(row[1]));
}

/** Ended; or a zombie, where nobody takes the exit codes of orphans. */
function isGone(pid: number): boolean {
  try {
    return !isAlive(pid) || /^\S+ \(.*\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended between the two looks.
    return !isAlive(pid);
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await sleep(50);
  }
}

const WEB = /next-server|web-server\.ts/;
const WORKER = /worker\/main\.ts/;
const cluster = () => path.join(dataDirectory, 'postgres');
const health = () => fetch(`http://127.0.0.1:${port}/api/health/ready`);

describe('npm start', () => {
  test('brings everything up, says one line, and a signal to npm stops all of it', async () => {
    const launched = launch({}, ['npm', 'start']);
    await untilReady(launched);
    expect(launched.output().match(/^ready .*$/gm)).toEqual([`ready http://localhost:${port}`]);
    expect((await health()).status).toBe(200);
    const postmaster = readPidFile(cluster())?.pid as number;

    launched.process.kill('SIGTERM');
    expect(await launched.exit).toBe(0);
    expect(isAlive(postmaster)).toBe(false);
    await expect(health()).rejects.toThrow();
  });

  test('prints the first password once, and no other secret', async () => {
    const launched = launch();
    await untilReady(launched);
    launched.process.kill('SIGTERM');
    await launched.exit;
    expect(launched.output()).not.toMatch(/password/);
    const secrets = ['auth-secret', 'database-url', 's3-access.json'].map((name) => path.join(dataDirectory, name));
    for (const secret of secrets) expect(fs.statSync(secret).mode & 0o777).toBe(0o600);
    const { secretAccessKey } = JSON.parse(fs.readFileSync(secrets[2] as string, 'utf8'));
    const all = launched.output() + launched.errors();
    expect(all).not.toContain(fs.readFileSync(secrets[0] as string, 'utf8').trim());
    expect(all).not.toContain(secretAccessKey);
  });

  test('starts again on the same folder after kill -9 of everything', async () => {
    const first = launch();
    await untilReady(first);
    const processes = childrenOf(first.process.pid, /./);
    expect(processes).toHaveLength(3);
    for (const pid of [first.process.pid as number, ...processes]) process.kill(pid, 'SIGKILL');
    await first.exit;

    const second = launch();
    await untilReady(second);
    expect((await health()).status).toBe(200);
  });

  test('leaves no web server and no worker when only the launcher is killed, and clears its database', async () => {
    const first = launch();
    await untilReady(first);
    const processes = [...childrenOf(first.process.pid, WEB), ...childrenOf(first.process.pid, WORKER)];
    expect(processes).toHaveLength(2);
    const postmaster = readPidFile(cluster())?.pid as number;
    first.process.kill('SIGKILL');
    await first.exit;
    await until(() => processes.every(isGone));

    const second = launch();
    await untilReady(second);
    expect(servesCluster(postmaster, cluster())).toBe(false);
  });

  test('starts a worker and a PostgreSQL again that died', async () => {
    const launched = launch();
    await untilReady(launched);
    const [worker] = childrenOf(launched.process.pid, WORKER);
    process.kill(worker as number, 'SIGKILL');
    await until(() => childrenOf(launched.process.pid, WORKER).some((pid) => pid !== worker));
    await until(() => /the worker was ended by SIGKILL; starting it again/.test(launched.errors()));

    process.kill(readPidFile(cluster())?.pid as number, 'SIGKILL');
    await until(() => /PostgreSQL ended unexpectedly; starting it again/.test(launched.errors()));
    const status = () =>
      health().then(
        (response) => response.status,
        () => 0,
      );
    await expect.poll(status).toBe(200);
  });

  test('ends with a fault when the web server dies, and stops the rest', async () => {
    const launched = launch();
    await untilReady(launched);
    const rest = [...childrenOf(launched.process.pid, WORKER), readPidFile(cluster())?.pid as number];
    process.kill(childrenOf(launched.process.pid, WEB)[0] as number, 'SIGKILL');
    expect(await launched.exit).toBe(1);
    expect(launched.errors()).toContain('The web server was ended by SIGKILL.');
    expect(rest.filter(isAlive)).toEqual([]);
  });
});

test('npm run demo loads the sample, shows its figures and ends', async () => {
  const launched = launch({ LANG: 'en_US.UTF-8' }, [process.execPath, 'embedded/demo.ts', '--exit']);
  expect(await launched.exit).toBe(0);
  expect(launched.output()).toMatch(/rows read\s*\n.*inserted/);
  expect(launched.output()).toMatch(new RegExp(`http://localhost:${port}/cargas/fornecedores/[0-9a-f-]{36}`));
  await expect(health()).rejects.toThrow();
});

describe('npm start says in one line', () => {
  const expectOneLine = async (launched: Launch, line: RegExp) => {
    expect(await launched.exit).toBe(1);
    expect(launched.errors().trim().split('\n')).toEqual([expect.stringMatching(line)]);
    expect(launched.output()).toBe('');
  };

  test('that its port is taken', async () => {
    const squatter = net.createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      await expectOneLine(launch(), /^Port \d+ of 127\.0\.0\.1 is taken by another program; stop it or set PORT\.$/);
    } finally {
      squatter.close();
    }
  });

  test('that the database cannot be reached', async () => {
    const closed = await findFreePort();
    const env = { DATABASE_URL: `postgresql://user:hidden@127.0.0.1:${closed}/db` };
    await expectOneLine(launch(env), /^The database 127\.0\.0\.1:\d+\/db cannot be reached: connect ECONNREFUSED/);
  });

  test('that the data folder cannot be written', async () => {
    await expectOneLine(launch({ CARGA_DATA_DIR: '/proc/carga' }), /^The data folder \/proc\/carga cannot be written/);
  });

  test('which settings are wrong', async () => {
    const env = { PORT: 'http', MAX_FILE_BYTES: '-1' };
    await expectOneLine(launch(env), /^Settings are missing or wrong: .*MAX_FILE_BYTES.*PORT|PORT.*MAX_FILE_BYTES/);
  });

  test('that production with a database of its own needs AUTH_SECRET', async () => {
    const env = { NODE_ENV: 'production', DATABASE_URL: 'postgresql://user@127.0.0.1:1/db' };
    await expectOneLine(launch(env), /^AUTH_SECRET is not set/);
  });

  test('that another start has the data folder', async () => {
    const first = launch();
    await untilReady(first);
    const other = launch({ PORT: '0' });
    await expectOneLine(other, new RegExp(`^Another Carga \\(process ${first.process.pid}\\) already uses`));
    expect((await health()).status).toBe(200);
  });
});
