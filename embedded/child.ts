import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of the launcher's. */
export interface Child {
  pid: number;
  exited: Promise<Exit>;
  /** Null while it runs. */
  readonly exit: Exit | null;
  /** Asks it to end, and ends it if it has not after `limitMs`. Asked again, it asks again and takes the new limit. */
  stop(limitMs: number): Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

/** What to start. */
export interface ChildOptions {
  /** A file of this project, from its root. */
  script: string;
  args?: string[];
  /** Options of Node's own. */
  nodeArgs?: string[];
  env: Record<string, string>;
  /** Decides for each line of its output whether it goes on to ours. */
  keepLine?: (line: string) => boolean;
  /** A file that takes everything it says instead. */
  logFile?: string;
}

/** The folder of package.json. */
export const PROJECT_ROOT = path.resolve(import.meta.dirname, '..');

/** Starts a part of Carga as a process that ends with us: see lib/process/watch-parent.ts. */
export function startChild({ script, args = [], nodeArgs = [], env, keepLine, logFile }: ChildOptions): Child {
  const log = logFile ? fs.openSync(logFile, 'a', 0o600) : null;
  const isFiltered = keepLine && log === null;
  const child = spawn(process.execPath, [...nodeArgs, path.join(PROJECT_ROOT, script), ...args], {
    cwd: PROJECT_ROOT,
    env: { ...env, CARGA_SUPERVISED: '1' } as unknown as NodeJS.ProcessEnv,
    // The terminal's ^C goes to its whole process group: in a group of their own they are stopped in order, by us.
    detached: process.platform !== 'win32',
    stdio: ['pipe', log ?? (isFiltered ? 'pipe' : 'inherit'), log ?? 'inherit'],
  });
  if (log !== null) fs.closeSync(log);
  if (isFiltered && child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (keepLine(line)) process.stdout.write(`${line}\n`);
    });
  }
  child.stdin?.on('error', () => {});
  return asChild(child);
}

function asChild(child: ChildProcess): Child {
  let exit: Exit | null = null;
  let timer: NodeJS.Timeout | undefined;
  const exited = new Promise<Exit>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      exit = { code, signal };
      resolve(exit);
    };
    child.once('exit', end);
    child.once('error', () => end(1, null));
  });
  return {
    pid: child.pid ?? 0,
    exited,
    get exit() {
      return exit;
    },
    stop(limitMs) {
      if (exit) return exited;
      child.kill('SIGTERM');
      clearTimeout(timer);
      timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      return exited;
    },
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

/** Words for how a process ended. */
export function describeExit({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}
