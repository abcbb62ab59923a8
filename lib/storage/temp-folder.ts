import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // Somebody else's process is a process all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Makes a folder for temporary files of this process, `carga-<owner>-<process id>-…`, and removes the folders that
 * processes which were killed have left: each may hold a whole source file.
 */
export async function makeTempFolder(owner: 'web' | 'worker', root = tmpdir()): Promise<string> {
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    const [, processId] = new RegExp(`^carga-${owner}-(\\d+)-`).exec(name) ?? [];
    if (processId !== undefined && !isRunning(Number(processId))) {
      await rm(path.join(root, name), { recursive: true, force: true }).catch(() => {});
    }
  }
  return mkdtemp(path.join(root, `carga-${owner}-${process.pid}-`));
}
