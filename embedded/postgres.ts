import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFolder, openDataFolder, writeSecret } from '#embedded/data-folder.ts';
import { LaunchError } from '#embedded/launch-error.ts';
import { findFreePort, portFault } from '#embedded/ports.ts';
import { type Account, chooseAccount, findPostgres, passesTest } from '#embedded/postgres-binaries.ts';
import { endLeftoverSessions, pidFilePath, readPidFile, servesCluster } from '#embedded/postgres-processes.ts';

/** How the embedded PostgreSQL is started. */
export interface EmbeddedPostgresOptions {
  /** Carga's data folder: the cluster lies in `postgres`, the address in `database-url`, messages in `postgres.log`. */
  dataDirectory: string;
  /** A fixed port; without it the last one is taken again if it is free, else any. */
  port?: number;
  /** Further server settings, over ours. */
  settings?: Record<string, string>;
  /** Folder with `bin` of another PostgreSQL than the one from npm. */
  installation?: string;
}

/** A running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  /** Address with the password in it, of the superuser `carga` and the database `carga`. */
  url: string;
  /** Process id of the postmaster. */
  pid: number;
  /** Resolves when the server has ended, whether asked to or not. */
  exited: Promise<void>;
  /** Ends sessions, writes everything to disk, stops the server and gives the data folder back. */
  stop(): Promise<void>;
}

const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  // A socket file would be one more way in, and its path may be longer than the system allows.
  unix_socket_directories: '',
  // Web pool, LISTEN and Prisma take about 25, each worker 10 to 15; a slot costs some 20 kB of shared memory.
  max_connections: '100',
  // Twice the default. The merge looks up keys in the target's index; past a quarter of a 1 GB machine it would push
  // out the file cache that COPY and the reader live on.
  shared_buffers: '256MB',
  // The default (1GB) is reached several times in a load of a million rows; each forced checkpoint makes every page
  // touched afterwards go into the log whole. Costs this much disk at worst.
  max_wal_size: '4GB',
  // For the same reason; a crash then replays up to this much work, some seconds.
  checkpoint_timeout: '15min',
  // Sorting and hashing a stage in memory. Few sessions sort at once here, so it may be well over the default 4MB.
  work_mem: '32MB',
  maintenance_work_mem: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Errors of statements quote values of rows, and their caller gets them anyway; the log is for the server's own news.
  log_min_messages: 'log',
  log_checkpoints: 'off',
};

/** A server that replays its log after a crash is busy, not broken: max_wal_size is replayed in well under this. */
const START_LIMIT_MS = 300_000;
const STATUS_POLL_MS = 20;
/** pg_ctl's own default; a fast shutdown only waits for its last checkpoint. */
const STOP_LIMIT_S = 60;
/** How often another port is tried when somebody takes the one that was free a moment ago. */
const PORT_ATTEMPTS = 3;
/** How long sessions of a killed postmaster may take to go. */
const LEFTOVER_LIMIT_MS = 15_000;
const LOG_LIMIT_BYTES = 1024 * 1024;
/** Lines of the log that tell what goes on; those that tell what is wrong have another word. */
const LOG_NEWS = /^.* LOG: {2}.*\n?/gm;
const USER = 'carga';
const DATABASE = 'carga';

/** Everything that is known about one cluster before its server runs. */
interface Cluster {
  /** The cluster's folder, as we see it. */
  path: string;
  /** The same folder as the server is told it; see `reachableName`. */
  name: string;
  binaries: string;
  account: Account | undefined;
}

/**
 * Starts PostgreSQL from its npm package, makes its cluster at the first start, and stops a server that an earlier
 * launcher left behind. @throws LaunchError when the folder is in use, cannot be written, or the server does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = openDataFolder(options.dataDirectory);
  const clusterPath = path.join(folder, 'postgres');
  const account = chooseAccount(clusterPath);
  const binaries = path.join(options.installation ?? findPostgres(account, folder), 'bin');
  const lock = await lockFolder(folder);
  try {
    const urlFile = path.join(folder, 'database-url');
    if (!fs.existsSync(path.join(clusterPath, 'PG_VERSION'))) createCluster(folder, binaries, account, urlFile);
    own(clusterPath, account);
    const cluster = { path: clusterPath, name: reachableName(clusterPath, account), binaries, account };
    await clearEarlierServer(cluster);

    const kept = new URL(fs.readFileSync(urlFile, 'utf8').trim());
    const { child, port } = await launch(cluster, folder, options, Number(kept.port));
    kept.port = String(port);
    writeSecret(urlFile, kept.href);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    void exited.then(() => lock.release());
    const stop = async () => {
      if (child.exitCode === null && child.signalCode === null) await stopServer(cluster, child);
      await exited;
    };
    return { url: kept.href, pid: child.pid as number, exited, stop };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function run(cluster: Omit<Cluster, 'path'>, cwd: string, program: string, args: string[], input = '') {
  const result = spawnSync(path.join(cluster.binaries, program), args, {
    ...cluster.account,
    cwd,
    env: serverEnvironment(),
    encoding: 'utf8',
    input,
  });
  if (result.error) throw new LaunchError(`PostgreSQL's ${program} cannot be run: ${result.error.message}`);
  return result;
}

/** PG… variables of the caller would change what the server does, and its secrets are none of the server's business. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env;
  const environment = { PATH, LC_ALL: 'C', TZ: 'UTC', ...(SystemRoot ? { SystemRoot, TEMP } : {}) };
  // Next's types demand NODE_ENV of every environment.
  return environment as unknown as NodeJS.ProcessEnv;
}

/**
 * The cluster's folder as a name that the server's user can open. Its parents may be closed to that user (/root, a home
 * of mode 700) and are not ours to open. Linux resolves /proc/self/cwd without asking the parents, and each of the
 * server's processes has its cluster as working folder.
 */
function reachableName(folder: string, account: Account | undefined): string {
  if (!account || passesTest(account, '-x', folder)) return folder;
  if (process.platform === 'linux') return '/proc/self/cwd';
  throw new LaunchError(`User ${account.uid}, whom PostgreSQL runs as, cannot reach ${folder}; set CARGA_DATA_DIR.`);
}

/** Gives a folder to the server's user where it is not its own yet (made by root, or copied back by root). */
function own(folder: string, account: Account | undefined): void {
  if (!account || fs.statSync(folder).uid === account.uid) return;
  for (const entry of fs.readdirSync(folder, { recursive: true }) as string[]) {
    fs.lchownSync(path.join(folder, entry), account.uid, account.gid);
  }
  fs.lchownSync(folder, account.uid, account.gid);
}

/** Runs initdb beside the cluster's place and renames the result: one that is cut short is never taken for a cluster. */
function createCluster(folder: string, binaries: string, account: Account | undefined, urlFile: string): void {
  const nursery = path.join(folder, 'postgres.new');
  fs.rmSync(nursery, { recursive: true, force: true });
  const data = path.join(nursery, 'data');
  fs.mkdirSync(data, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  fs.writeFileSync(path.join(nursery, 'password'), password, { mode: 0o600 });
  own(nursery, account);

  const cluster = { name: reachableName(data, account), binaries, account };
  const major = Number(/(\d+)/.exec(run(cluster, data, 'postgres', ['--version']).stdout)?.[1]);
  // Code point order, the same on every machine, but case and accents known (ILIKE 'são%'). 17 brought it.
  const locale = major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const secure = ['-U', USER, '-A', 'scram-sha-256', '--pwfile=../password'];
  const initdb = ['-D', cluster.name, ...secure, '-E', 'UTF8', '--locale=C', ...locale, '--no-instructions'];
  expectSuccess('initdb', run(cluster, data, 'initdb', initdb));
  // Single-user mode needs no password and no port, and the cluster is complete when it gets its name.
  const create = run(
    cluster,
    data,
    'postgres',
    ['--single', '-D', cluster.name, 'postgres'],
    `CREATE DATABASE ${DATABASE}\n`,
  );
  expectSuccess('postgres --single', create);

  writeSecret(urlFile, `postgresql://${USER}:${password}@127.0.0.1:0/${DATABASE}`);
  fs.renameSync(data, path.join(folder, 'postgres'));
  fs.rmSync(nursery, { recursive: true });
}

function expectSuccess(program: string, result: SpawnSyncReturns<string>): void {
  if (result.status === 0) return;
  throw new LaunchError(`PostgreSQL's ${program} failed: ${lastLines(result.stderr || result.stdout)}`);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' | ') || 'it said nothing';
}

/** After `kill -9` of a launcher its server lives on and keeps the cluster; after a crash only its pid file stays. */
async function clearEarlierServer(cluster: Cluster): Promise<void> {
  const earlier = readPidFile(cluster.path);
  if (earlier && servesCluster(earlier.pid, cluster.path)) {
    expectSuccess('pg_ctl', pgCtlStop(cluster, 'fast'));
    return;
  }
  // The server would refuse to start over the id of a living process, though it is somebody else's.
  if (earlier) fs.rmSync(pidFilePath(cluster.path), { force: true });
  const deadline = Date.now() + LEFTOVER_LIMIT_MS;
  while (endLeftoverSessions(cluster.path).length > 0) {
    if (Date.now() > deadline) throw new LaunchError(`Sessions of a killed PostgreSQL still hold ${cluster.path}.`);
    await sleep(50);
  }
}

function pgCtlStop(cluster: Cluster, mode: 'fast' | 'immediate') {
  const args = ['stop', '-D', cluster.name, '-m', mode, '-w', '-t', String(STOP_LIMIT_S)];
  return run(cluster, cluster.path, 'pg_ctl', args);
}

async function stopServer(cluster: Cluster, child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  // Signals a POSIX server understands: SIGINT is a fast shutdown, SIGQUIT an immediate one (replayed at next start).
  // Windows has neither; there pg_ctl knows how. It blocks the launcher, which elsewhere it need not.
  if (process.platform === 'win32') return expectSuccess('pg_ctl', pgCtlStop(cluster, 'fast'));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_S * 1000);
  await exited;
  clearTimeout(timer);
}

async function launch(cluster: Cluster, folder: string, options: EmbeddedPostgresOptions, lastPort: number) {
  for (let attempt = 1; ; attempt++) {
    const wanted = options.port ?? lastPort;
    const free = wanted > 0 && attempt === 1 && (await portFault(wanted)) === null;
    if (options.port && !free) throw new LaunchError(`Port ${options.port} for the embedded PostgreSQL is taken.`);
    const port = free ? wanted : await findFreePort();
    const child = spawnServer(cluster, path.join(folder, 'postgres.log'), port, options.settings);
    const fault = await untilReady(cluster, child, path.join(folder, 'postgres.log'));
    if (fault === null) return { child, port };
    if (attempt === PORT_ATTEMPTS || !/Address already in use/.test(fault)) {
      throw new LaunchError(
        `The embedded PostgreSQL does not start: ${lastLines(fault.replace(LOG_NEWS, '') || fault)}`,
      );
    }
  }
}

function spawnServer(cluster: Cluster, logFile: string, port: number, more: Record<string, string> = {}): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, ...more }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const size = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const log = fs.openSync(logFile, size > LOG_LIMIT_BYTES ? 'w' : 'a', 0o600);
  try {
    return spawn(path.join(cluster.binaries, 'postgres'), ['-D', cluster.name, '-p', String(port), ...settings], {
      ...cluster.account,
      cwd: cluster.path,
      env: serverEnvironment(),
      // A session of its own: ^C in the terminal must not reach it before the launcher's ordered stop.
      detached: true,
      // A file, not a pipe: the server outlives a killed launcher and would write into nothing.
      stdio: ['ignore', log, log],
    });
  } finally {
    fs.closeSync(log);
  }
}

/** Resolves with null once the server takes connections, else with what it said before it ended. */
async function untilReady(cluster: Cluster, child: ChildProcess, logFile: string): Promise<string | null> {
  const logStart = fs.statSync(logFile).size;
  let fault: string | null = null;
  child.once('error', (error) => {
    fault = error.message;
  });
  child.once('exit', () => {
    fault ??= fs.readFileSync(logFile).subarray(logStart).toString('utf8');
  });
  const deadline = Date.now() + START_LIMIT_MS;
  while (fault === null) {
    const state = readPidFile(cluster.path);
    if (state?.pid === child.pid && state?.status === 'ready') return null;
    if (Date.now() > deadline) {
      child.kill('SIGQUIT');
      return `not ready after ${START_LIMIT_MS / 1000} s`;
    }
    await sleep(STATUS_POLL_MS);
  }
  return fault;
}
