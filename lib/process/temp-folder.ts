import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive } from './is-alive.ts';

// Processes of other machines and containers cannot be asked whether they run. Their folders are taken for left behind
// after a day without a sign of life; one is given every hour, so that clocks may differ and machines sleep.
const SILENT_MS = 24 * 60 * 60 * 1000;
const SIGN_EVERY_MS = 60 * 60 * 1000;

/** This machine or container, as a part of a file's name. */
const HOST = hostname().replace(/[^\w.-]/g, '_');

function isLeftBehind(host: string, processId: number, changedAt: number): boolean {
  if (host !== HOST) return changedAt < Date.now() - SILENT_MS;
  // The first process of a container has the number of the one before it.
  return processId === process.pid ? changedAt < performance.timeOrigin : !isAlive(processId);
}

/**
 * Makes a folder for temporary files of this process, `carga-<owner>-<host>-<process id>-…`, and removes the folders that
 * processes which were killed have left: each may hold a whole source file. Several machines or containers may share
 * `root`.
 */
export async function makeTempFolder(owner: 'web' | 'worker', root = tmpdir()): Promise<string> {
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const [, host, processId] = new RegExp(`^carga-${owner}-(.+)-(\\d+)-\\w{6}$`).exec(name) ?? [];
    if (host === undefined) continue;
    const folder = path.join(root, name);
    const found = await stat(folder).catch(() => null);
    if (found && isLeftBehind(host, Number(processId), found.mtimeMs)) {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
    }
  }
  const folder = await mkdtemp(path.join(root, `carga-${owner}-${HOST}-${process.pid}-`));
  const giveSign = () => utimes(folder, new Date(), new Date()).catch(() => clearInterval(signs));
  const signs = setInterval(() => void giveSign(), SIGN_EVERY_MS).unref();
  return folder;
}
