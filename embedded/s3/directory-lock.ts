import { createHash } from 'node:crypto';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Claims a directory for this process, so that a second server cannot wipe the temporary files of the first.
 * A listening local socket is used and not a file with a process id: the system drops it when the process is
 * killed, and a process id may by then belong to somebody else. Returns the release.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const digest = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 32);
  const address = socketAddress(`carga-s3-${digest}`);
  const server = await claim(address, directory);
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function socketAddress(name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  // Linux has names without a file, which vanish with their process.
  if (process.platform === 'linux') return `\0${name}`;
  return join(tmpdir(), `${name}.sock`);
}

async function claim(address: string, directory: string): Promise<Server> {
  try {
    return await listen(address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const isLeftOver = !address.startsWith('\0') && process.platform !== 'win32' && !(await isAnswered(address));
    if (!isLeftOver) throw new Error(`another S3 server is already using the directory ${directory}`);
    await rm(address, { force: true });
    return listen(address);
  }
}

function listen(address: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(address, () => {
      // The lock alone is no reason for the process to go on living.
      server.unref();
      resolve(server);
    });
  });
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
