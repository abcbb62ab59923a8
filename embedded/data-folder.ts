import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { LaunchError } from '#embedded/launch-error.ts';

/** Makes the folder that holds the embedded servers' data and secrets. @throws LaunchError if it cannot be written. */
export function openDataFolder(directory: string): string {
  const folder = path.resolve(directory);
  try {
    // Secrets lie in it: nobody else needs to look inside.
    makeFolder(folder);
    const probe = path.join(folder, `.write-test-${process.pid}`);
    fs.writeFileSync(probe, '');
    fs.rmSync(probe);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LaunchError(`The data folder ${folder} cannot be written (${code ?? message}); see CARGA_DATA_DIR.`);
  }
  return fs.realpathSync(folder);
}

/** As `mkdir -p`. Node's own recursive form never returns where the system denies a folder's parent (/proc). */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  fs.mkdirSync(folder, { mode: 0o700 });
}

/** Reads a secret kept in the data folder, or makes it with `create` and keeps it, readable by its owner only. */
export function keepSecret(file: string, create: () => string = () => randomBytes(32).toString('base64url')): string {
  try {
    const kept = fs.readFileSync(file, 'utf8').trim();
    if (kept) return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secret = create();
  writeSecret(file, secret);
  return secret;
}

/** Writes a file that only its owner may read; readers see the old text or the new one, never half of it. */
export function writeSecret(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, `${text}\n`, { mode: 0o600 });
  fs.renameSync(temporary, file);
}

/**
 * Takes a folder for this process alone until `release` is called or the process dies, however it dies.
 * A pid file would outlive `kill -9` and may then name somebody else's process; a name that a socket listens on is
 * given back by the system. It answers whoever connects with the holder's process id.
 * @throws LaunchError naming the process that holds the folder.
 */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const name = `carga-${createHash('sha256').update(fs.realpathSync(folder)).digest('hex').slice(0, 32)}`;
  const address = socketAddress(name);
  const server = net.createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  server.unref();
  const tryListen = () =>
    new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
      );
      server.listen(address, () => resolve(true));
    });
  if (!(await tryListen())) {
    const holder = await askHolder(address);
    if (holder === null && path.isAbsolute(address)) fs.rmSync(address, { force: true });
    if (holder !== null || !(await tryListen())) {
      throw new LaunchError(`Another Carga (process ${holder ?? 'unknown'}) already uses the data folder ${folder}.`);
    }
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function socketAddress(name: string): string {
  // Linux has names without a file, which vanish with their process; elsewhere a socket file may stay behind.
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return path.join(os.tmpdir(), `${name}.sock`);
}

function askHolder(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(address);
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => resolve(null));
    // A holder that is stopped (SIGSTOP) accepts and says nothing: it holds the folder all the same.
    socket.on('close', () => resolve(answer || 'unknown'));
  });
}
