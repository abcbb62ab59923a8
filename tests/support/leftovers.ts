import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { lockFolder } from '#embedded/data-folder.ts';
import { readPidFile, servesCluster } from '#embedded/postgres-processes.ts';
import { isAlive } from '#lib/process/is-alive.ts';

const PREFIX = 'carga-test-';
/** Whose it is stands in a folder's name: while that process lives nobody clears it, be its server down or not yet up. */
const MAKER = /-(\d+)-[^-]+$/;

/** A folder for one server of the tests, which its PostgreSQL can reach whoever it runs as. */
export function makeDataDirectory(purpose: string): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${purpose}-${process.pid}-`));
  // Before 16 PostgreSQL's programs want to reach their folder by its name.
  fs.chmodSync(directory, 0o711);
  return directory;
}

/** Ends the servers of test runs that were killed (PostgreSQL outlives its launcher) and removes their folders. */
export async function clearLeftovers(): Promise<void> {
  for (const name of fs.readdirSync(os.tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = path.join(os.tmpdir(), name);
    const stat = fs.statSync(directory, { throwIfNoEntry: false });
    if (!stat || stat.uid !== process.getuid?.() || isAlive(Number(MAKER.exec(name)?.[1] ?? 0))) continue;
    const lock = await lockFolder(directory).catch(() => null);
    if (!lock) continue;
    const cluster = path.join(directory, 'postgres');
    const pid = readPidFile(cluster)?.pid ?? 0;
    if (servesCluster(pid, cluster)) process.kill(pid, 'SIGQUIT');
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    await lock.release();
  }
}
