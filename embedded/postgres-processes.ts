import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { isAlive } from '#lib/process/is-alive.ts';

/** What the server wrote about itself when it started; see "postmaster.pid" in PostgreSQL's miscadmin.h. */
export interface PidFile {
  pid: number;
  /** starting, ready, stopping, standby; empty until the server says so. */
  status: string;
}

const PID_LINE = 0;
const STATUS_LINE = 7;

/** Reads `postmaster.pid`; null when there is none. */
export function readPidFile(cluster: string): PidFile | null {
  let lines: string[];
  try {
    lines = fs.readFileSync(pidFilePath(cluster), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return { pid: Number(lines[PID_LINE]), status: lines[STATUS_LINE]?.trim() ?? '' };
}

/** Where the server keeps its process id. */
export function pidFilePath(cluster: string): string {
  return path.join(cluster, 'postmaster.pid');
}

/**
 * Whether the process is a server of this cluster. After a crash of the machine the id in a pid file may be anybody's,
 * the system's own PostgreSQL included, which pg_ctl would stop without asking.
 */
export function servesCluster(pid: number, cluster: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return false;
  if (process.platform === 'linux') return isSameFolder(`/proc/${pid}/cwd`, cluster);
  // pg_ctl signals through a named pipe there, which no other program has.
  if (process.platform === 'win32') return true;
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(cluster);
}

/**
 * Ends the sessions that outlived their postmaster (Linux). They keep the shared memory, so that no new postmaster
 * may start, until their statement ends, which may be the merge of a whole file. SIGQUIT is what an immediate shutdown
 * sends: nothing is written any more, the log is replayed at the next start.
 */
export function endLeftoverSessions(cluster: string): number[] {
  if (process.platform !== 'linux') return [];
  const ended: number[] = [];
  for (const entry of fs.readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || !isSameFolder(`/proc/${pid}/cwd`, cluster)) continue;
    if (!isPostgres(pid)) continue;
    try {
      process.kill(pid, 'SIGQUIT');
      ended.push(pid);
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return ended;
}

function isPostgres(pid: number): boolean {
  try {
    // The title of a session ("postgres: user database …") or the command line of a postmaster.
    return /postgres/.test(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}

function isSameFolder(link: string, folder: string): boolean {
  try {
    const a = fs.statSync(link);
    const b = fs.statSync(folder);
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
